//! Every bound that is not a setting, with its unit and its source.

use std::time::Duration;

/// Largest request body, in bytes, where a route names no other. Source: PocketBase's default.
pub const BODY_MAX_BYTES: usize = 32 << 20;
/// Largest batch body, in bytes, while the setting is 0. Source: PocketBase's default.
pub const BATCH_BODY_MAX_BYTES: usize = 128 << 20;
/// Largest content of an editor or a file field, in bytes, while its `maxSize` is 0.
pub const CONTENT_MAX_BYTES: u64 = 5 << 20;
/// Largest json value, in bytes, while its `maxSize` is 0.
pub const JSON_MAX_BYTES: u64 = 1 << 20;
/// Longest text value, in characters, while its `max` is 0.
pub const TEXT_MAX_CHARS: u64 = 5000;
/// Largest whole number that a size, count or length option may hold: 2^53 − 1, what a JSON number carries exactly.
pub const SAFE_INTEGER_MAX: i64 = (1 << 53) - 1;
/// Records on a page when the client names no number.
pub const PER_PAGE_DEFAULT: u32 = 30;
/// Most records on a page.
pub const PER_PAGE_MAX: u32 = 1000;
/// Longest filter of a client, in characters.
pub const FILTER_MAX_CHARS: usize = 3500;
/// Longest rule, in characters: rules come from superusers, but parsing must stay bounded.
pub const RULE_MAX_CHARS: usize = 50_000;
/// Most comparisons in one filter or rule.
pub const FILTER_MAX_COMPARISONS: usize = 200;
/// Deepest nesting of parentheses in a filter or rule; bounds the parser's stack.
pub const FILTER_MAX_DEPTH: usize = 100;
/// Deepest nesting of function calls in a filter or rule.
pub const FUNCTION_MAX_DEPTH: usize = 3;
/// Most arguments of one function in a filter or rule.
pub const FUNCTION_MAX_ARGUMENTS: usize = 10;
/// Most different ways to other tables that one statement may join, over filter, rule and sort; SQLite joins 64 tables at most.
pub const FILTER_MAX_JOINS: usize = 40;
/// Most comparisons in one statement, with the list rules of other collections that a client's filter reaches.
pub const STATEMENT_MAX_COMPARISONS: usize = 1000;
/// Bytes of rule, filter and sort text whose resolved form is kept; that form takes some 20 times as much.
pub const TEMPLATES_MAX_TEXT_BYTES: usize = 512 << 10;
/// SQL texts that are kept.
pub const PLANS_MAX: usize = 2000;
/// Longest pattern of `~`, in bytes; nothing is like a longer one. Source: SQLite's default.
pub const LIKE_PATTERN_MAX_BYTES: usize = 50_000;
/// Most relation steps in one path.
pub const PATH_MAX_RELATIONS: usize = 6;
/// Most entries of a sort.
pub const SORT_MAX_ENTRIES: usize = 8;
/// Longest entry of a sort, in characters.
pub const SORT_ENTRY_MAX_CHARS: usize = 255;
/// Deepest expand.
pub const EXPAND_MAX_DEPTH: usize = 6;
/// Most records that a back-relation expands to, per record.
pub const EXPAND_BACK_MAX_RECORDS: usize = 1000;
/// Longest query of a view, in characters.
pub const VIEW_QUERY_MAX_CHARS: usize = 5000;
/// Most sample rows of a view's dry run.
pub const VIEW_SAMPLE_ROWS: usize = 10;
/// Largest description of an API that is read from another server, in bytes.
pub const DOCUMENT_MAX_BYTES: usize = 64 << 20;
/// Longest reason of the database that an error message repeats, in characters.
pub const DATABASE_REASON_MAX_CHARS: usize = 500;
/// Longest identity or password in a sign-in, in characters.
pub const CREDENTIAL_MAX_CHARS: usize = 255;
/// Longest time one statement may run.
pub const STATEMENT_DEADLINE: Duration = Duration::from_secs(30);
/// Longest time a read may hold an async worker thread before it moves to a thread where it may wait.
pub const INLINE_READ_BUDGET: Duration = Duration::from_millis(2);
/// Reads that may run beside the async workers at once; more wait for a place.
pub const LONG_READS_MAX: usize = 8;
/// Longest time a transaction may hold the writer.
pub const TRANSACTION_DEADLINE: Duration = Duration::from_secs(30);
/// Longest time one migration may hold the writer.
pub const MIGRATION_DEADLINE: Duration = Duration::from_secs(600);
/// Largest migration file, in bytes.
pub const MIGRATION_FILE_MAX_BYTES: u64 = 8 << 20;
/// Longest name of a migration, in characters, without the moment before it.
pub const MIGRATION_NAME_MAX_CHARS: usize = 80;
/// Most writes that share one commit.
pub const GROUP_COMMIT_MAX_WRITES: usize = 512;
/// Writes that may wait for the writer; one more is refused with a clear error.
pub const WRITE_QUEUE_MAX: usize = 20_000;
/// How often changes made by another process are looked for.
pub const FOREIGN_CHANGE_POLL: Duration = Duration::from_millis(100);
/// Password hashings at once, on machines with twice as many cores; each takes 19 MiB and tens of milliseconds of a core.
pub const HASHING_MAX_PARALLEL: usize = 8;
/// Password hashings that may wait; one more answers "too many requests".
pub const HASHING_QUEUE_MAX: usize = 256;
/// When one that was refused is worth another try.
pub const HASHING_RETRY_AFTER: Duration = Duration::from_secs(5);
/// Wrong passwords for one account from one network, in [`PASSWORD_GUESSES_NEAR_WINDOW`].
pub const PASSWORD_GUESSES_NEAR_MAX: u64 = 10;
/// Time in which wrong passwords from one network are counted.
pub const PASSWORD_GUESSES_NEAR_WINDOW: Duration = Duration::from_secs(5 * 60);
/// Wrong passwords for one account from anywhere, in [`PASSWORD_GUESSES_WINDOW`]. Source: OWASP ASVS 2.2.1.
pub const PASSWORD_GUESSES_MAX: u64 = 100;
/// Time in which wrong passwords from anywhere are counted.
pub const PASSWORD_GUESSES_WINDOW: Duration = Duration::from_secs(60 * 60);
/// Counts of wrong passwords that are kept in memory, some hundred bytes each.
pub const GUESSED_ACCOUNTS_MAX: usize = 50_000;
/// Counts of rate limits that are kept in memory, some hundred bytes each.
pub const RATE_LIMITED_CLIENTS_MAX: usize = 100_000;
/// Memory of one password hashing, in KiB. Source: OWASP's first choice for argon2id.
pub const ARGON2_MEMORY_KIB: u32 = 19_456;
/// Passes of one password hashing. Source: OWASP's first choice for argon2id.
pub const ARGON2_PASSES: u32 = 2;
/// Lanes of one password hashing. Source: OWASP's first choice for argon2id.
pub const ARGON2_LANES: u32 = 1;
/// Longest token that is looked at, in bytes; ours have about 300.
pub const TOKEN_MAX_BYTES: usize = 4096;
/// Proven tokens kept in memory.
pub const AUTH_CACHE_MAX_TOKENS: usize = 10_000;
/// Longest name of a client's program that is kept, in characters. Source: PocketBase's alert of new places.
pub const USER_AGENT_MAX_CHARS: usize = 200;
/// API keys of one account, and of all services together.
pub const API_KEYS_PER_ACCOUNT_MAX: i64 = 100;
/// Scopes of one API key.
pub const API_KEY_SCOPES_MAX: usize = 200;
/// Longest name of an API key, in characters.
pub const API_KEY_NAME_MAX_CHARS: usize = 100;
/// How much later the use of a session or key must be than the last one noted, to be noted too.
pub const LAST_USE_STEP: Duration = Duration::from_secs(60);
/// How often the noted uses of sessions and keys are written, all in one write.
pub const LAST_USE_WRITE_EVERY: Duration = Duration::from_secs(15);
/// Noted uses that may wait to be written; more are left to the next time.
pub const LAST_USE_MAX_WAITING: usize = 10_000;
/// How often sessions and keys that have ended are forgotten.
pub const ENDED_SESSIONS_SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);
/// How much later the end of a session's newest token must be than the one written, to be written.
pub const SESSION_EXTEND_STEP_SECONDS: i64 = 60;
/// Most parts of one multipart body.
pub const MULTIPART_MAX_PARTS: usize = 1000;
/// Most bytes of a too large body that are read and thrown away, so that the client sees the answer instead of a reset connection.
pub const BODY_DRAIN_MAX_BYTES: usize = 64 << 20;
/// Longest time for that.
pub const BODY_DRAIN_DEADLINE: Duration = Duration::from_secs(3);
/// Longest time for the head of a request to arrive. Source: PocketBase's server.
pub const HEAD_DEADLINE: Duration = Duration::from_secs(60);
/// Longest time for a request's body to arrive and the answer to be made. Source: PocketBase's server.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(300);
/// Longest time between two pieces of a resumable upload's request.
pub const UPLOAD_MAX_SILENCE: Duration = Duration::from_secs(60);
/// Longest time that requests in flight get to finish when the server stops.
pub const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(30);
/// Longest name of an uploaded file that is looked at: its last bytes. Source: PocketBase.
pub const FILE_NAME_MAX_BYTES: usize = 300;
/// Longest first part of a stored file's name, in characters. Source: PocketBase.
pub const FILE_BASE_MAX_CHARS: usize = 100;
/// Longest extension of a stored file's name, in characters. Source: PocketBase.
pub const FILE_EXTENSION_MAX_CHARS: usize = 20;
/// Bytes of a file that its content type is read from.
pub const FILE_HEAD_BYTES: usize = 8192;
/// Bytes of a file that are read at once when it is sent.
pub const FILE_CHUNK_BYTES: usize = 128 << 10;
/// Reads of files for downloads at once; more wait for a place.
pub const FILE_READS_MAX_PARALLEL: usize = 16;
/// Bytes of an upload that are collected before they are written; up to twice as much is in memory.
pub const FILE_WRITE_BYTES: usize = 512 << 10;
/// Tries to put a file into a folder that others keep removing because it is empty.
pub const FILE_FOLDER_TRIES: usize = 8;
/// Longest time that a file in the staging folder may stand still before it counts as forgotten: no request lasts that long.
pub const STAGED_MAX_IDLE: Duration = Duration::from_secs(3600);
/// How long a link to a file in an S3 store can be used.
pub const FILE_LINK_LIFE: Duration = Duration::from_secs(300);
/// Most bytes of an image that a smaller form is made of; a larger one is sent as it is.
pub const THUMB_SOURCE_MAX_BYTES: u64 = 64 << 20;
/// Most pixels of an image that a smaller form is made of: what large cameras make. A larger one is refused.
pub const THUMB_SOURCE_MAX_PIXELS: u64 = 60_000_000;
/// Most bytes that making smaller forms may take, all that are made at once together: contents, decoded images, forms.
pub const THUMBS_MAX_ALLOC_BYTES: u64 = 320 << 20;
/// Most files on a page that says of each how many smaller forms it has: each is a look into the storage.
pub const FILES_WITH_THUMBS_PER_PAGE_MAX: u32 = 200;
/// Looks into a storage at once, for one answer.
pub const STORAGE_LOOKS_PARALLEL: usize = 8;
/// Files that a walk through a storage is ahead of whoever asked for it.
pub const FILE_WALK_AHEAD: usize = 1024;
/// Files of a storage that are looked up in the database at once.
pub const FILE_ROWS_PER_LOOK: usize = 500;
/// Files that nobody names, named in an answer.
pub const ORPHANS_NAMED_MAX: usize = 20;
/// Most pixels of a side of a smaller form.
pub const THUMB_MAX_SIDE_PIXELS: u32 = 4096;
/// Images that are made smaller at once, as far as memory allows; each keeps a thread busy.
pub const THUMBS_MAX_PARALLEL: usize = 2;
/// Longest wait for a place among them. Source: PocketBase.
pub const THUMB_WAIT_DEADLINE: Duration = Duration::from_secs(60);
/// Smaller forms whose being there is remembered.
pub const THUMBS_KNOWN_MAX: usize = 10_000;
/// Pause between looks at whether somebody is done with a file.
pub const FILE_TURN_PAUSE: Duration = Duration::from_millis(5);
/// Longest time that a resumable upload may stand still before it is given up.
pub const UPLOAD_MAX_IDLE: Duration = Duration::from_secs(24 * 3600);
/// Most unfinished resumable uploads of one account.
pub const UPLOADS_MAX_PER_OWNER: usize = 100;
/// Most bytes of them together, unless it is one alone: that is bound by its field.
pub const UPLOADS_MAX_BYTES_PER_OWNER: u64 = 10 << 30;
/// How often files that are not where they belong are looked for.
pub const FILE_SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How often files are looked for whose records were changed by hand; also at every start.
pub const FILE_AUDIT_EVERY: Duration = Duration::from_secs(24 * 3600);
/// How long an answer waits for its files to be in their place; they can be read from where they are staged, too.
pub const FILE_SETTLE_PATIENCE: Duration = Duration::from_secs(5);
/// Files that are brought to their place, or removed, in one go.
pub const FILE_SWEEP_BATCH: u64 = 200;
/// Bytes of a part of a file that goes to an S3 store; 5 MiB is the least S3 takes.
pub const S3_PART_BYTES: u64 = 8 << 20;
/// Most parts of a file in an S3 store. Source: S3.
pub const S3_PARTS_MAX: u64 = 10_000;
/// Parts of a file that are on their way at once.
pub const S3_PARTS_PARALLEL: usize = 2;
/// Longest time until a connection to an S3 store is there.
pub const S3_CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// Longest time that an S3 store may be silent.
pub const S3_SILENCE_DEADLINE: Duration = Duration::from_secs(30);
/// Tries of a request to an S3 store after the first one.
pub const S3_RETRIES_MAX: usize = 2;
/// Longest time over all tries.
pub const S3_RETRY_DEADLINE: Duration = Duration::from_secs(30);
/// Most topics of one realtime client. Source: PocketBase.
pub const REALTIME_TOPICS_MAX: usize = 1000;
/// Longest topic with its options, in characters. Source: PocketBase.
pub const REALTIME_TOPIC_MAX_CHARS: usize = 2500;
/// Longest client id that is looked at, in characters. Source: PocketBase.
pub const REALTIME_CLIENT_ID_MAX_CHARS: usize = 255;
/// Most realtime clients at once.
pub const REALTIME_CLIENTS_MAX: usize = 100_000;
/// Most realtime clients of one address while the setting is 0. Behind a proxy that is not trusted all clients have its address.
pub const REALTIME_CLIENTS_PER_ADDRESS_MAX: usize = 16_384;
/// Most events that wait for one realtime client; at one more all are thrown away and it is told to fetch its data anew.
pub const REALTIME_QUEUE_MAX_EVENTS: usize = 16_384;
/// Most bytes of events that wait for one realtime client. Events are shared by all who get them.
pub const REALTIME_QUEUE_MAX_BYTES: usize = 4 << 20;
/// Bytes of events that are handed to one connection at once.
pub const REALTIME_CHUNK_BYTES: usize = 64 << 10;
/// A server-sent stream ends after this time without an event. Source: PocketBase.
pub const REALTIME_IDLE: Duration = Duration::from_secs(5 * 60);
/// A server-sent stream ends after this time. Source: PocketBase.
pub const REALTIME_LIFE: Duration = Duration::from_secs(30 * 60);
/// How often a silent realtime connection is sent something, so that nothing on the way takes it for dead.
pub const REALTIME_PING: Duration = Duration::from_secs(25);
/// Longest time that a realtime connection may take nothing of what waits to be sent to it; one that takes longer is closed.
pub const REALTIME_SEND_DEADLINE: Duration = Duration::from_secs(60);
/// What the system may keep of what a realtime connection did not take yet (Linux doubles it): a reader that takes so much within
/// [`REALTIME_SEND_DEADLINE`] is never too slow.
pub const REALTIME_SEND_BUFFER_BYTES: usize = 64 << 10;
/// Most entries of the changelog that are read, checked and told at once.
pub const REALTIME_ROUND_MAX_CHANGES: u32 = 512;
/// Most entries of a cascade that are read before and behind those that are told at once; of a longer one, whoever's rule or filter asks for
/// other records is told to fetch their data anew.
pub const REALTIME_CASCADE_MAX_CHANGES: u32 = 4096;
/// How often it is looked who may hear of a change, when that changes while it is looked; then its subscribers are told to fetch their data
/// anew.
pub const REALTIME_TRIES_MAX: u32 = 5;
/// Most accounts that are kept track of, so that a change of one concerns nobody else; with one more, it concerns all once.
pub const REALTIME_GROUND_MAX_ACCOUNTS: usize = 4096;
/// Clients that may read the changelog for themselves at once, after they were away; more wait for their turn.
pub const REALTIME_CATCH_UPS_MAX: usize = 4;
/// Longest name of a channel, in characters.
pub const REALTIME_CHANNEL_MAX_CHARS: usize = 200;
/// Most rules of channels.
pub const REALTIME_CHANNEL_RULES_MAX: usize = 200;
/// Most that one client shows of itself on a channel, in bytes of JSON.
pub const PRESENCE_STATE_MAX_BYTES: usize = 4096;
/// Most channels on which one client shows.
pub const PRESENCE_CHANNELS_MAX: usize = 100;
/// Most clients that show on one channel.
pub const PRESENCE_MEMBERS_MAX: usize = 5000;
/// Longest message of a WebSocket's client, in bytes.
pub const SOCKET_MESSAGE_MAX_BYTES: usize = 128 << 10;
/// Most messages of a WebSocket's client in one second; more are refused.
pub const SOCKET_MESSAGES_MAX_PER_SECOND: u32 = 200;
/// Most answers that wait for a WebSocket's client; one that asks for more without reading them loses its connection.
pub const SOCKET_REPLIES_MAX: usize = 1024;
/// Most bytes of answers that wait for a WebSocket's client, unless it is a single one.
pub const SOCKET_REPLIES_MAX_BYTES: usize = 4 << 20;
/// A WebSocket whose client has not been heard since so many pings is closed; clients answer them by themselves.
pub const SOCKET_SILENCE_MAX_PINGS: u32 = 3;
/// Most events that a WebSocket's client may want to have on the way before it acknowledges them.
pub const SOCKET_WINDOW_MAX_EVENTS: u64 = 10_000;
