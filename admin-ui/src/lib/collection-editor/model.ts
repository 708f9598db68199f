// A collection as the server takes it and gives it. Everything the panel edits is named here.

interface Common {
  id: string;
  name: string;
  system: boolean;
  hidden: boolean;
  presentable: boolean;
}

interface Described extends Common {
  required: boolean;
  help: string;
}

export interface TextField extends Described {
  type: 'text';
  min: number | null;
  max: number | null;
  pattern: string;
  autogeneratePattern: string;
  primaryKey: boolean;
}

export interface NumberField extends Described {
  type: 'number';
  min: number | null;
  max: number | null;
  onlyInt: boolean;
}

export interface DomainField extends Described {
  type: 'email' | 'url';
  onlyDomains: string[];
  exceptDomains: string[];
}

export interface EditorField extends Described {
  type: 'editor';
  maxSize: number | null;
  convertURLs: boolean;
}

export interface DateField extends Described {
  type: 'date';
  min: string;
  max: string;
}

export interface AutodateField extends Common {
  type: 'autodate';
  onCreate: boolean;
  onUpdate: boolean;
}

export interface SelectField extends Described {
  type: 'select';
  values: string[];
  maxSelect: number | null;
}

export interface FileField extends Described {
  type: 'file';
  maxSelect: number | null;
  maxSize: number | null;
  mimeTypes: string[];
  thumbs: string[];
  protected: boolean;
}

export interface RelationField extends Described {
  type: 'relation';
  collectionId: string;
  cascadeDelete: boolean;
  minSelect: number | null;
  maxSelect: number | null;
}

export interface JsonField extends Described {
  type: 'json';
  maxSize: number | null;
}

export interface PasswordField extends Described {
  type: 'password';
  min: number | null;
  max: number | null;
  pattern: string;
  cost: number | null;
}

export interface PlainField extends Described {
  type: 'bool' | 'geoPoint';
}

export type AnyField =
  | TextField
  | NumberField
  | DomainField
  | EditorField
  | DateField
  | AutodateField
  | SelectField
  | FileField
  | RelationField
  | JsonField
  | PasswordField
  | PlainField;

export type FieldType = AnyField['type'];

export interface MailTemplate {
  subject: string;
  body: string;
}

export interface TokenOptions {
  duration: number | null;
  /** Never given by the server; when it is sent, all tokens of this kind end. */
  secret?: string;
}

export interface Provider {
  name: string;
  clientId: string;
  /** Never given; left out keeps the stored one. */
  clientSecret?: string;
  authURL: string;
  tokenURL: string;
  userInfoURL: string;
  displayName: string;
  /** `null`: as is usual for this provider. */
  pkce: boolean | null;
  extra: Record<string, unknown> | null;
}

export const TOKEN_KINDS = [
  'authToken',
  'passwordResetToken',
  'emailChangeToken',
  'verificationToken',
  'fileToken',
] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

export const MAPPED = ['id', 'name', 'username', 'avatarURL'] as const;

export interface AuthOptions extends Record<TokenKind, TokenOptions> {
  authRule: string | null;
  manageRule: string | null;
  authAlert: { enabled: boolean; emailTemplate: MailTemplate };
  oauth2: {
    enabled: boolean;
    providers: Provider[];
    mappedFields: Record<(typeof MAPPED)[number], string>;
  };
  passwordAuth: { enabled: boolean; identityFields: string[] };
  mfa: { enabled: boolean; duration: number | null; rule: string };
  otp: { enabled: boolean; duration: number | null; length: number | null; emailTemplate: MailTemplate };
  passkey: { enabled: boolean; rpId: string; origins: string[] };
  totp: { enabled: boolean };
  verificationTemplate: MailTemplate;
  resetPasswordTemplate: MailTemplate;
  confirmEmailChangeTemplate: MailTemplate;
}

export const RULES = ['listRule', 'viewRule', 'createRule', 'updateRule', 'deleteRule'] as const;
export type RuleName = (typeof RULES)[number];
export type AuthRuleName = 'authRule' | 'manageRule';

export interface Collection extends Record<RuleName, string | null>, Partial<AuthOptions> {
  id: string;
  name: string;
  type: CollectionType;
  system: boolean;
  fields: AnyField[];
  indexes: string[];
  created: string;
  updated: string;
  viewQuery?: string;
}

export type CollectionType = 'base' | 'auth' | 'view';

/** Whether a field holds several values. */
export function isMultiple(field: AnyField): boolean {
  return 'maxSelect' in field && (field.maxSelect ?? 0) > 1;
}
