// What each provider tells about a person, as its documentation shows it: the verified case first, then what must not be trusted.

const github = { login: 'ann', id: 583231, avatar_url: 'https://avatars.example.com/u/1', name: 'Ann Example', email: 'public@example.com' };
const addresses = (primary, extra = {}) => [
  { email: 'other@example.com', primary: false, verified: true, ...extra },
  { email: 'ann@example.com', primary: true, verified: primary, ...extra },
];
const oidc = { sub: 'abc-1', name: 'Ann Example', preferred_username: 'ann', picture: 'https://img.example.com/ann.png', email: 'ann@example.com', email_verified: true };

/** By provider: lists of `{user, more, token}`: the answer of the user endpoint, answers at paths below it, what is in the token's answer. */
export const SAMPLES = {
  google: [
    { user: { sub: '1', name: 'Ann', picture: 'https://img.example.com/a', email: 'ann@example.com', email_verified: true } },
    { user: { sub: '1', name: 'Ann', email: 'ann@example.com', email_verified: false } },
    { user: { sub: '1', name: 'Ann', email: 'ann@example.com' } },
    { user: {} },
  ],
  microsoft: [
    { user: { id: '7', displayName: 'Ann', mail: 'ann@example.com', userPrincipalName: 'x' } },
    { user: { id: '7', displayName: 'Ann', mail: null } },
  ],
  yandex: [{ user: { id: '5', real_name: 'Ann Example', login: 'ann', is_avatar_empty: false, default_avatar_id: 'av/1', default_email: 'ann@example.com' } }, { user: { id: '5', real_name: 'Ann', login: 'ann', is_avatar_empty: true, default_avatar_id: '0/0-0' } }],
  facebook: [{ user: { id: '9', name: 'Ann', email: 'ann@example.com', picture: { data: { height: 1, url: 'https://img.example.com/f', is_silhouette: false } } } }, { user: { id: '9', name: 'Ann', picture: { data: { url: 'https://img.example.com/f', is_silhouette: true } } } }],
  instagram2: [{ user: { user_id: '17', id: '4', name: 'Ann', username: 'ann', profile_picture_url: 'https://img.example.com/i' } }],
  github: [
    { user: github, more: { '/emails': addresses(true) } },
    { user: { ...github, email: null }, more: { '/emails': addresses(false) } },
    { user: { ...github, email: '' }, more: { '/emails': [] } },
    { user: { ...github, email: null } },
    { user: { ...github, email: '' } },
  ],
  gitlab: [{ user: { id: 3, name: 'Ann', username: 'ann', avatar_url: 'https://img.example.com/g', email: 'ann@example.com', confirmed_at: '2020-01-01T00:00:00Z' } }, { user: { id: 3, name: 'Ann', username: 'ann', email: 'ann@example.com', confirmed_at: '' } }, { user: { id: 3, name: 'Ann', username: 'ann', email: 'ann@example.com' } }],
  bitbucket: [
    { user: { uuid: '{a-b}', username: 'ann', display_name: 'Ann', account_status: 'active', links: { avatar: { href: 'https://img.example.com/b' } } }, more: { '/emails': { values: [{ email: 'o@example.com', is_primary: false, is_confirmed: true }, { email: 'ann@example.com', is_primary: true, is_confirmed: true }] } } },
    { user: { uuid: '{a-b}', username: 'ann', display_name: 'Ann', account_status: 'active' }, more: { '/emails': { values: [{ email: 'ann@example.com', is_primary: true, is_confirmed: false }] } } },
    { user: { uuid: '{a-b}', username: 'ann', display_name: 'Ann', account_status: 'inactive' }, more: { '/emails': { values: [] } } },
    { user: { uuid: '{a-b}', username: 'ann', display_name: 'Ann', account_status: 'active' } },
  ],
  gitee: [
    { user: { id: 8, login: 'ann', name: 'Ann', avatar_url: 'https://img.example.com/e', email: 'ann@example.com' } },
    { user: { id: 8, login: 'ann', name: 'Ann', email: '未公开邮箱' }, more: { '/emails': [{ email: 'ann@example.com', state: 'confirmed', scope: ['primary', 'notified'] }] } },
    { user: { id: 8, login: 'ann', name: 'Ann', email: '' }, more: { '/emails': [{ email: 'ann@example.com', state: 'unconfirmed', scope: ['primary'] }] } },
    { user: { id: 8, login: 'ann', name: 'Ann', email: null } },
  ],
  gitea: [
    { user: { id: 4, login: 'ann', full_name: 'Ann Example', avatar_url: 'https://img.example.com/t', email: 'public@example.com' }, more: { '/emails': addresses(true) } },
    { user: { id: 4, login: 'ann', full_name: 'Ann Example', email: 'public@example.com' }, more: { '/emails': addresses(false) } },
    { user: { id: 4, login: 'ann', full_name: 'Ann Example', email: 'public@example.com' } },
  ],
  discord: [
    { user: { id: '80', username: 'ann', global_name: 'Ann', discriminator: '0', avatar: 'h4sh', email: 'ann@example.com', verified: true } },
    { user: { id: '80', username: 'ann', discriminator: '1234', avatar: 'h4sh', email: 'ann@example.com', verified: false } },
    { user: { id: '80', username: 'ann', global_name: null, discriminator: '1234', avatar: null, verified: true } },
  ],
  twitter: [{ user: { data: { id: '6', name: 'Ann', username: 'ann', profile_image_url: 'https://img.example.com/x', confirmed_email: 'ann@example.com' } } }, { user: { data: { id: '6', name: 'Ann', username: 'ann' } } }, { user: { errors: [{}] } }],
  kakao: [
    { user: { id: 12, properties: { nickname: 'ann', profile_image: 'https://img.example.com/k' }, kakao_account: { email: 'ann@example.com', is_email_valid: true, is_email_verified: true } } },
    { user: { id: 12, properties: { nickname: 'ann' }, kakao_account: { email: 'ann@example.com', is_email_valid: true, is_email_verified: false } } },
    { user: { id: 12 } },
  ],
  vk: [
    { user: { response: [{ id: 5, first_name: 'Ann', last_name: 'Example', screen_name: 'ann', photo_max: 'https://img.example.com/v' }] }, token: { email: 'ann@example.com', user_id: 5 } },
    { user: { response: [{ id: 5, first_name: 'Ann', last_name: '', screen_name: 'ann' }] } },
    { user: { response: [] } },
  ],
  linear: [{ user: { data: { viewer: { id: 'l1', displayName: 'ann', name: 'Ann', email: 'ann@example.com', avatarUrl: 'https://img.example.com/l', active: true } } } }, { user: { data: { viewer: { id: 'l1', displayName: 'ann', name: 'Ann', email: 'ann@example.com', active: false } } } }],
  notion: [
    { user: { bot: { owner: { type: 'user', user: { id: 'n1', name: 'Ann', avatar_url: 'https://img.example.com/n', person: { email: 'ann@example.com' } } } } } },
    { user: { bot: { owner: { type: 'workspace' } } } },
  ],
  monday: [{ user: { data: { me: { id: '11', name: 'Ann', email: 'ann@example.com', is_verified: true, enabled: true, photo_small: 'https://img.example.com/m' } } } }, { user: { data: { me: { id: '11', name: 'Ann', email: 'ann@example.com', is_verified: false, enabled: true } } } }, { user: { data: { me: { id: '11', name: 'Ann', enabled: false, is_verified: true } } } }],
  lark: [{ user: { code: 0, data: { union_id: 'on-1', open_id: 'ou', name: 'Ann', en_name: 'Ann E', avatar_url: 'https://img.example.com/la', email: 'ann@example.com', enterprise_email: 'e@example.com', avatar_big: 'https://img.example.com/big' } } }, { user: { code: 0, data: { union_id: '', name: 'Ann' } } }],
  box: [{ user: { id: '22', name: 'Ann', login: 'ann@example.com', avatar_url: 'https://img.example.com/bx', status: 'active' } }, { user: { id: '22', name: 'Ann', login: 'ann@example.com', status: 'inactive' } }],
  spotify: [{ user: { id: 'sp', display_name: 'Ann', email: 'ann@example.com', images: [{ url: 'https://img.example.com/1' }, { url: 'https://img.example.com/2' }] } }, { user: { id: 'sp', display_name: 'Ann', images: [] } }],
  trakt: [{ user: { user: { username: 'ann', name: 'Ann', ids: { slug: 'ann', uuid: 'u-1' }, images: { avatar: { full: 'https://img.example.com/tr' } } } } }],
  twitch: [{ user: { data: [{ id: '44', login: 'ann', display_name: 'Ann', profile_image_url: 'https://img.example.com/tw', email: 'ann@example.com' }] } }, { user: { data: [] } }],
  patreon: [
    { user: { data: { id: '55', attributes: { full_name: 'Ann', vanity: 'ann', image_url: 'https://img.example.com/p', email: 'ann@example.com', is_email_verified: true } } } },
    { user: { data: { id: '55', attributes: { full_name: 'Ann', vanity: '', email: 'ann@example.com', is_email_verified: false } } } },
  ],
  strava: [{ user: { id: 66, firstname: 'Ann', lastname: 'Example', username: 'ann', profile: 'https://img.example.com/s' } }, { user: { id: 0, firstname: 'Ann', lastname: '', username: null } }],
  wakatime: [
    { user: { data: { id: 'w-1', display_name: 'Ann', username: 'ann', email: 'ann@example.com', is_email_confirmed: true, photo: 'https://img.example.com/w', is_photo_public: true } } },
    { user: { data: { id: 'w-1', display_name: 'Ann', username: null, email: 'ann@example.com', is_email_confirmed: false, photo: 'https://img.example.com/w', is_photo_public: false } } },
  ],
  livechat: [{ user: { account_id: 'lc', name: 'Ann', email: 'ann@example.com', email_verified: true, avatar_url: 'https://img.example.com/lc' } }, { user: { account_id: 'lc', name: 'Ann', email: 'ann@example.com', email_verified: false } }],
  mailcow: [
    { user: { success: true, id: 'mc@example.com', username: 'ann', full_name: 'Ann', displayName: 'Ann D', email: 'mc@example.com', active: 1, identifier: 'x' } },
    { user: { id: 'mc@example.com', username: 'ann@example.com', full_name: 'Ann', email: 'mc@example.com', active: 0 } },
  ],
  planningcenter: [
    { user: { data: { id: '77', attributes: { name: 'Ann', first_name: 'A', avatar: 'https://img.example.com/pc', status: 'active' } } } },
    { user: { data: { id: '77', attributes: { name: 'Ann', status: 'inactive' } } } },
  ],
  oidc: [
    { user: oidc },
    { user: { ...oidc, email_verified: false } },
    { user: { ...oidc, email_verified: 'true' } },
    { user: { sub: 'abc-1' } },
    { user: { sub: '' } },
    { user: { name: 'nobody' } },
  ],
};
