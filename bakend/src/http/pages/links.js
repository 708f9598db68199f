// Leads from a link whose end stands behind `#` to the page that it means; the token never leaves our origin.
const link = location.hash.match(/^#\/auth\/(confirm-(?:verification|password-reset|email-change))\/([\w.-]+)$/);
const install = location.hash.match(/^#\/pbinstall\/([\w.-]+)$/);
if (link) {
  location.replace(`auth/${link[1]}/${link[2]}`);
} else if (install) {
  location.replace(`auth/install/${install[1]}`);
} else {
  document.getElementById('nothing').hidden = false;
}
