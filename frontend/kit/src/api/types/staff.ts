/** Short names for what the staff API speaks of; the shapes are generated. */
import type { components, paths as described } from '../staff';

/** The described operations, and the download that is no JSON and so not among them. */
export type paths = described & { '/api/staff/audit/export': { get: { responses: { 200: { content: { 'text/csv': string } } } } } };

type Schemas = components['schemas'];
type Whole<Shape> = { [Key in keyof Shape]-?: NonNullable<Shape[Key]> };

export type Me = Schemas['OverviewStaffMe'];
export type Address = Whole<Schemas['ContactsAddressDTO']>;
export type ContactInput = Omit<Whole<Schemas['ContactsNewContact']>, 'address'> & { address: Address };
export type Contact = Schemas['ContactsContactBody'];
export type PortalState = Schemas['ContactsPortalDTO']['state'];
export type Note = Schemas['ContactsNoteBody'];
export type Tag = Schemas['ContactsTagBody'];
export type ContactState = NonNullable<Schemas['ContactsViewQuery']['state']>;
export type SavedView = Schemas['ContactsViewBody'];
export type View = Omit<SavedView, 'query'> & { id: string; columns: string[]; query: Whole<Schemas['ContactsViewQuery']> };
export type SendResult = Schemas['AccessOutcome'];
export type TimelineItem = Schemas['OverviewTimelineItem'];
export type Overview = Schemas['OverviewOverviewPage'];
export type Health = Schemas['HealthOutBody'];
export type AuditEntry = Schemas['OverviewAuditLine'];
export type Portal = Schemas['AccessPortalBody'];
export type Person = Schemas['AccessStandingBody'];
export type PeopleList = NonNullable<NonNullable<described['/api/staff/portal/people']['get']['parameters']['query']>['list']>;
export type ApiToken = Schemas['AccessTokenBody'];
export type NewApiToken = Schemas['AccessNewTokenBody'];
export type Link = Schemas['AccessLinkBody'];
export type Access = Schemas['AccessDetailBody'];
export type PolicyInput = Omit<Schemas['AccessPolicyBody'], 'limits'>;
export type Policy = PolicyInput & { limits: Schemas['AccessPolicyLimitsBody'] };
export type Account = Schemas['OutboxAccountBody'];
export type AccountInput = Omit<Whole<Schemas['OutboxAccountInput']>, 'password' | 'limits'> & { password?: string };
export type Preset = Schemas['OutboxPresetBody'];
export type TestStep = Schemas['OutboxStepBody'];
export type Mail = Schemas['OutboxMessageBody'];
export type MailState = Mail['state'];
export type MailBody = Schemas['OutboxMessageDetail'];
export type Template = Schemas['OutboxTemplateBody'];
export type TemplateText = Whole<Schemas['OutboxTextsBody']>;
export type Problem = Schemas['OutboxTextProblemBody'];
export type Value = Schemas['OutboxValueBody'];
export type Suppression = Schemas['OutboxSuppressionBody'];
export type Brand = Schemas['BrandingBrandBody'];
export type BrandInput = Whole<Schemas['BrandInBody']>;
export type MailPreview = Pick<Schemas['OutboxPreviewBody'], 'subject' | 'html' | 'text'>;
export type Domain = Schemas['DomainsDomainBody'];
export type DomainRecordKind = NonNullable<Domain['name']>['record'];
export type DomainCheck = Schemas['DomainsCheckBody'];
export type DomainFinding = Schemas['DomainsFindingBody'];
export type DomainUpdate = Schemas['DomainsUpdateBody'];
export type DomainGuide = Schemas['DomainsGuideBody'];
export type DomainOptionsInput = NonNullable<described['/api/staff/domain/options']['patch']['requestBody']>['content']['application/json'];

type MessageBody = Schemas['ChatStaffMessage'];
/** A reference that may be null is described as if it never were. */
export type Message = Omit<MessageBody, 'reply_to'> & { reply_to: MessageBody['reply_to'] | null };
export type ChatNote = Schemas['ChatNoteBody'];
export type ChatMember = Schemas['ChatStaffMember'];
export type ChatMark = Schemas['ChatConversationMark'];
export type PastText = Schemas['ChatPastBody'];
type Openable<Shape> = Omit<Shape, 'contact' | 'last_message'> & { contact: ChatMember | null; last_message: Message | null };
export type Conversation = Openable<Schemas['ChatStaffConversation']>;
export type ConversationWhole = Openable<Schemas['ChatStaffConversationWhole']>;
export type ConversationState = Conversation['state'];
export type ConversationKind = Conversation['kind'];
export type ChatFile = Schemas['ChatFileBody'];
export type ContactFile = Schemas['ChatContactFile'];
export type ChatSettings = Schemas['ChatSettingsBody'];
export type CannedReply = Schemas['ChatReplyBody'];
export type ScheduledMessage = Schemas['ChatScheduledBody'];
type FoundBody = Schemas['ChatFoundBody'];
export type Found = Omit<FoundBody, 'message' | 'note'> & { message: Message | null; note: ChatNote | null };
