// Leads from a link whose end stands behind `#` to the page that it means; the token never leaves our origin.
const link = location.hash.match(/^#\/auth\/(confirm-(?:verification|password-reset|email-change))\/([\w.-]+)$/);
const install = location.hash.match(/^#\/pbinstall\/([\w.-]+)$/);
const signedIn = location.hash.match(/^#\/auth\/oauth2-redirect-(success|failure)$/);
if (signedIn) {
  // The page that opened this one has heard already, and goes on by itself.
  document.getElementById(`sign-in-${signedIn[1]}`).hidden = false;
  window.close();
} else if (link) {
  location.replace(`auth/${link[1]}/${link[2]}`);
} else if (install) {
  location.replace(`auth/install/${install[1]}`);
} else {
  document.getElementById('nothing').hidden = false;
}
