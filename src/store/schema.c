#include "store/schema.h"

/* {blob}: BLOB or BYTEA; {strict}: " STRICT" on SQLite, {small}: " STRICT, WITHOUT ROWID", which
 * keeps rows in the index of their key: for small ones half the work of finding them. Ids are text
 * of 26 characters, times UTC milliseconds. Every `mac` authenticates its row under a key that is
 * not in the database. */
static const char *const first[] = {
	/* Settings of the portal (core/settings.c). */
	"CREATE TABLE settings (name TEXT PRIMARY KEY, value {blob} NOT NULL, mac {blob} NOT "
	"NULL){small}",

	"CREATE TABLE users (id TEXT PRIMARY KEY, address TEXT NOT NULL, address_key TEXT NOT NULL "
	"UNIQUE, "
	"name TEXT NOT NULL, name_key TEXT NOT NULL, grade BIGINT NOT NULL, role BIGINT NOT NULL, "
	"state BIGINT NOT NULL, is_registered BIGINT NOT NULL, custody BIGINT NOT NULL, public_key "
	"{blob} NOT NULL, "
	"version BIGINT NOT NULL, invited_by TEXT NOT NULL, created_ms BIGINT NOT NULL, seen_ms "
	"BIGINT NOT NULL, "
	"language TEXT NOT NULL, zone TEXT NOT NULL, mac {blob} NOT NULL){small}",
	"CREATE INDEX users_grade ON users (grade, state)",

	"CREATE TABLE ways_in (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id), "
	"kind BIGINT NOT NULL, wrapped {blob} NOT NULL, salt {blob} NOT NULL, cost_memory_bytes "
	"BIGINT NOT NULL, "
	"cost_passes BIGINT NOT NULL, secret_hash {blob} NOT NULL, made_by TEXT NOT NULL, "
	"created_ms BIGINT NOT NULL, "
	"expires_ms BIGINT NOT NULL, used_ms BIGINT NOT NULL, label TEXT NOT NULL, remote TEXT NOT "
	"NULL, "
	"mac {blob} NOT NULL){small}",
	"CREATE INDEX ways_in_user ON ways_in (user_id, kind, id)",

	"CREATE TABLE rules (pattern TEXT PRIMARY KEY, is_allowed BIGINT NOT NULL, grade BIGINT "
	"NOT NULL, "
	"created_ms BIGINT NOT NULL, mac {blob} NOT NULL){small}",

	/* subject, body: ciphertext under the message's own key. */
	"CREATE TABLE messages (id TEXT PRIMARY KEY, conversation_id TEXT NOT NULL, parent_id TEXT "
	"NOT NULL, "
	"sender_id TEXT NOT NULL REFERENCES users (id), sent_ms BIGINT NOT NULL, subject {blob} "
	"NOT NULL, "
	"body {blob} NOT NULL, body_hash {blob} NOT NULL, mac {blob} NOT NULL){strict}",
	"CREATE INDEX messages_conversation ON messages (conversation_id, id)",

	/* Who may read a message: its key, sealed to the recipient or wrapped under their mailbox
	   key. */
	"CREATE TABLE deliveries (message_id TEXT NOT NULL REFERENCES messages (id), "
	"user_id TEXT NOT NULL REFERENCES users (id), kind BIGINT NOT NULL, box BIGINT NOT NULL, "
	"sealed {blob} NOT NULL, wrapped {blob} NOT NULL, opened_ms BIGINT NOT NULL, mac {blob} "
	"NOT NULL, "
	"PRIMARY KEY (message_id, user_id)){small}",
	"CREATE INDEX deliveries_box ON deliveries (user_id, box, message_id)",
	/* All columns, so that SQLite counts in the index alone instead of walking the whole inbox.
	 */
	"CREATE INDEX deliveries_unread ON deliveries (user_id, box, opened_ms) WHERE opened_ms = "
	"0 "
	"AND box = 1",

	/* The outgoing e-mails; content is encrypted under the portal's queue key, empty once
	   delivered. */
	"CREATE TABLE mails (id TEXT PRIMARY KEY, kind BIGINT NOT NULL, user_id TEXT NOT NULL, "
	"message_id TEXT NOT NULL, "
	"state BIGINT NOT NULL, attempts BIGINT NOT NULL, created_ms BIGINT NOT NULL, next_ms "
	"BIGINT NOT NULL, "
	"content {blob} NOT NULL, reply TEXT NOT NULL){strict}",
	"CREATE INDEX mails_due ON mails (next_ms) WHERE state = 1",
	"CREATE INDEX mails_message ON mails (message_id, user_id)",

	/* Answers to repeated requests (Idempotency-Key). */
	"CREATE TABLE repeats (user_id TEXT NOT NULL, key_hash {blob} NOT NULL, request_hash "
	"{blob} NOT NULL, "
	"message_id TEXT NOT NULL, created_ms BIGINT NOT NULL, PRIMARY KEY (user_id, "
	"key_hash)){small}",
	"CREATE INDEX repeats_created ON repeats (created_ms)",
	NULL,
};

/* What housekeeping looks for among much that stays. */
static const char *const housekeeping[] = {
	"CREATE INDEX mails_void ON mails (id) WHERE state = 4",
	"CREATE INDEX ways_in_links ON ways_in (expires_ms) WHERE kind IN (4, 7)",
	NULL,
};

/* A person's links: what became of the last one, and ending those before. */
static const char *const links[] = {
	"CREATE INDEX mails_links ON mails (user_id, kind, id) WHERE kind IN (2, 3)",
	NULL,
};

/* The order in which recipients were typed. */
static const char *const positions[] = {
	"ALTER TABLE deliveries ADD COLUMN position BIGINT NOT NULL DEFAULT 0",
	NULL,
};

/* What is being written; summary and content: ciphertext under the user's mailbox key. */
static const char *const drafts[] = {
	"CREATE TABLE drafts (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id), "
	"version BIGINT NOT NULL, saved_ms BIGINT NOT NULL, summary {blob} NOT NULL, content "
	"{blob} NOT NULL){strict}",
	"CREATE INDEX drafts_user ON drafts (user_id, saved_ms, id)",
	NULL,
};

/* Archive and Trash (moved_ms: when it went to Trash, else 0). Unread is what the reader says, and
 * no longer that it was never opened. */
static const char *const boxes[] = {
	"ALTER TABLE deliveries ADD COLUMN moved_ms BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE deliveries ADD COLUMN is_unread BIGINT NOT NULL DEFAULT 0",
	"UPDATE deliveries SET is_unread = 1 WHERE opened_ms = 0",
	"DROP INDEX deliveries_unread",
	/* All columns, so that SQLite counts in the index alone instead of walking the whole inbox.
	 */
	"CREATE INDEX deliveries_unread ON deliveries (user_id, box, is_unread) WHERE is_unread = "
	"1 AND box = 1",
	"CREATE INDEX deliveries_trash ON deliveries (moved_ms) WHERE box = 4",
	NULL,
};

/* What a message allows, and its end. options: enum message_option; expires_ms: 0 for never;
 * forward_of: the message it forwards, or empty; recalled_ms: when its sender recalled it from
 * everybody. ended: enum delivery_end; reason: ciphertext under the notice key; notice: for a
 * message that expires, the notice key sealed to the reader; via: the message that quotes this one
 * to its reader. */
static const char *const endings[] = {
	"ALTER TABLE messages ADD COLUMN options BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE messages ADD COLUMN expires_ms BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE messages ADD COLUMN forward_of TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE messages ADD COLUMN recalled_ms BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE deliveries ADD COLUMN ended BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE deliveries ADD COLUMN ended_ms BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE deliveries ADD COLUMN reason {blob}",
	"ALTER TABLE deliveries ADD COLUMN notice {blob}",
	"ALTER TABLE deliveries ADD COLUMN via TEXT NOT NULL DEFAULT ''",
	"CREATE INDEX deliveries_via ON deliveries (via) WHERE via <> ''",
	"CREATE INDEX messages_expiring ON messages (expires_ms) WHERE expires_ms > 0",
	NULL,
};

/* Which message a draft answers, so that the answer is found where it was begun. */
static const char *const answers[] = {
	"ALTER TABLE drafts ADD COLUMN reply_to TEXT NOT NULL DEFAULT ''",
	"CREATE INDEX drafts_answer ON drafts (user_id, reply_to) WHERE reply_to <> ''",
	NULL,
};

/* What people call their messages; name: ciphertext under the user's mailbox key, name_key: keyed
 * hash of it. */
static const char *const labels[] = {
	"CREATE TABLE labels (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id), "
	"version BIGINT NOT NULL, name {blob} NOT NULL, name_key {blob} NOT NULL, UNIQUE "
	"(user_id, name_key)){small}",
	"CREATE TABLE delivery_labels (user_id TEXT NOT NULL, message_id TEXT NOT NULL, label_id "
	"TEXT NOT NULL REFERENCES labels (id), PRIMARY KEY (user_id, message_id, label_id), "
	"FOREIGN KEY (message_id, user_id) REFERENCES deliveries (message_id, user_id) ON DELETE "
	"CASCADE){small}",
	"CREATE INDEX delivery_labels_label ON delivery_labels (user_id, label_id, message_id)",
	NULL,
};

/* Whose key ends with the message's date: what housekeeping looks for. No right rests on it. */
static const char *const expiry[] = {
	"DROP INDEX messages_expiring",
	"ALTER TABLE deliveries ADD COLUMN expires_ms BIGINT NOT NULL DEFAULT 0",
	"CREATE INDEX deliveries_expiring ON deliveries (expires_ms) WHERE expires_ms > 0 AND "
	"ended = 0 AND box <> 5",
	NULL,
};

/* What recipients did with a message, and which keys were destroyed. */
static const char *const tracking[] = {
	"CREATE TABLE tracks (message_id TEXT NOT NULL REFERENCES messages (id), user_id TEXT NOT "
	"NULL REFERENCES users (id), kind BIGINT NOT NULL, detail TEXT NOT NULL, at_ms BIGINT NOT "
	"NULL, mac {blob} NOT NULL, PRIMARY KEY (message_id, user_id, kind, detail)){small}",
	/* Outlives the message. */
	"CREATE TABLE destructions (id TEXT PRIMARY KEY, message_id TEXT NOT NULL, user_id TEXT "
	"NOT NULL, cause BIGINT NOT NULL, at_ms BIGINT NOT NULL, keys BIGINT NOT NULL, mails "
	"BIGINT NOT NULL, is_whole BIGINT NOT NULL, mac {blob} NOT NULL){small}",
	"CREATE INDEX destructions_message ON destructions (message_id, id)",
	NULL,
};

/* With whom people have exchanged messages, which, and whom they have blocked. Of the two ids of an
 * exchange the lower comes first. */
static const char *const contacts[] = {
	"CREATE TABLE contacts (user_id TEXT NOT NULL REFERENCES users (id), other_id TEXT NOT "
	"NULL REFERENCES users (id), last_id TEXT NOT NULL, mac {blob} NOT NULL, PRIMARY KEY "
	"(user_id, other_id)){small}",
	"CREATE INDEX contacts_last ON contacts (user_id, last_id, other_id)",
	"CREATE TABLE exchanges (low_id TEXT NOT NULL, high_id TEXT NOT NULL, message_id TEXT NOT "
	"NULL, PRIMARY KEY (low_id, high_id, message_id)){small}",
	"CREATE TABLE blocks (user_id TEXT NOT NULL REFERENCES users (id), blocked_id TEXT NOT "
	"NULL REFERENCES users (id), created_ms BIGINT NOT NULL, mac {blob} NOT NULL, PRIMARY KEY "
	"(user_id, blocked_id)){small}",
	"CREATE INDEX blocks_against ON blocks (blocked_id, user_id)",
	NULL,
};

/* Personal groups ("Board"); content (name and members): ciphertext under the user's mailbox key.
 */
static const char *const groups[] = {
	"CREATE TABLE people_groups (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users "
	"(id), version BIGINT NOT NULL, content {blob} NOT NULL){strict}",
	"CREATE INDEX people_groups_user ON people_groups (user_id, id)",
	NULL,
};

/* is_top: the newest of its conversation in this box of its reader: lists of conversations show it
 * for all of them. */
static const char *const tops[] = {
	"ALTER TABLE deliveries ADD COLUMN is_top BIGINT NOT NULL DEFAULT 1",
	"UPDATE deliveries SET is_top = 0 WHERE EXISTS (SELECT 1 FROM messages m CROSS JOIN "
	"messages n CROSS JOIN deliveries e WHERE m.id = deliveries.message_id AND "
	"n.conversation_id = m.conversation_id AND n.id > m.id AND e.message_id = n.id AND "
	"e.user_id = deliveries.user_id AND e.box = deliveries.box)",
	"CREATE INDEX deliveries_top ON deliveries (user_id, box, message_id) WHERE is_top = 1",
	NULL,
};

/* What people choose for themselves, and whom they have answered while away. away_text: ciphertext
 * under the queue key; signature: under the mailbox key. summed: enum mail_summed. */
static const char *const preferences[] = {
	"CREATE TABLE preferences (user_id TEXT PRIMARY KEY REFERENCES users (id), version BIGINT "
	"NOT NULL, notify BIGINT NOT NULL, away_id TEXT NOT NULL, away_from_ms BIGINT NOT NULL, "
	"away_until_ms BIGINT NOT NULL, away_text {blob} NOT NULL, signature {blob} NOT NULL, mac "
	"{blob} NOT NULL){strict}",
	"CREATE TABLE away_answers (user_id TEXT NOT NULL, away_id TEXT NOT NULL, sender_id TEXT "
	"NOT NULL, PRIMARY KEY (user_id, away_id, sender_id)){small}",
	"ALTER TABLE mails ADD COLUMN summed BIGINT NOT NULL DEFAULT 0",
	"CREATE INDEX mails_summed ON mails (user_id, next_ms) WHERE summed > 0 AND state = 1",
	NULL,
};

/* What is searched: ciphertext under the message key, and its hash, NULL in messages of before. In
 * a table of its own: who looks through thousands reads half as many pages, who lists none of them.
 */
static const char *const folded[] = {
	"ALTER TABLE messages ADD COLUMN folded_hash {blob}",
	"CREATE TABLE message_texts (message_id TEXT PRIMARY KEY REFERENCES messages (id) ON "
	"DELETE CASCADE, folded {blob} NOT NULL){strict}",
	NULL,
};

/* By what a message was forwarded. */
static const char *const forwards[] = {
	"CREATE INDEX messages_forward ON messages (forward_of) WHERE forward_of <> ''",
	NULL,
};

/* What was uploaded, where its bytes are, and who may open it in which message (store/files.h,
 * store/message_files.h). Of files: head, digest and hashing: ciphertext under the file key;
 * is_loose: may have nobody any more, so housekeeping looks; is_sent: was in a message
 * once. Of message_files: head: ciphertext
 * under the message key; source_id: message that the sender had it from, or empty. A message goes
 * on naming a file that is gone. */
static const char *const files[] = {
	"CREATE TABLE files (id TEXT PRIMARY KEY, owner_id TEXT NOT NULL REFERENCES users (id), "
	"state BIGINT NOT NULL, scan BIGINT NOT NULL, bytes BIGINT NOT NULL, created_ms BIGINT NOT "
	"NULL, owner_wrapped {blob} NOT NULL, head {blob} NOT NULL, digest {blob} NOT NULL, "
	"hashing {blob} NOT NULL, stored_bytes BIGINT NOT NULL, part_count BIGINT NOT NULL, "
	"touched_ms BIGINT NOT NULL, writer BIGINT NOT NULL, is_loose BIGINT NOT NULL, is_sent "
	"BIGINT NOT NULL DEFAULT 0, mac {blob} "
	"NOT NULL){strict}",
	/* All that the sum for the quota needs. */
	"CREATE INDEX files_owner ON files (owner_id, state, bytes, stored_bytes)",
	"CREATE INDEX files_unsent ON files (owner_id) WHERE is_sent = 0",
	"CREATE INDEX files_loose ON files (touched_ms) WHERE is_loose = 1",
	"CREATE TABLE file_parts (file_id TEXT NOT NULL REFERENCES files (id), number BIGINT NOT "
	"NULL, blob_id TEXT NOT NULL UNIQUE, begins_at BIGINT NOT NULL, bytes BIGINT NOT NULL, "
	"is_last BIGINT NOT NULL, mac {blob} NOT NULL, PRIMARY KEY (file_id, number)){small}",
	"CREATE TABLE message_files (message_id TEXT NOT NULL REFERENCES messages (id), file_id "
	"TEXT NOT NULL, position BIGINT NOT NULL, source_id TEXT NOT NULL, head {blob} NOT NULL, "
	"recalled_ms BIGINT NOT NULL, mac {blob} NOT NULL, PRIMARY KEY (message_id, "
	"file_id)){strict}",
	"CREATE INDEX message_files_file ON message_files (file_id, message_id)",
	"CREATE INDEX message_files_source ON message_files (source_id, file_id) WHERE source_id "
	"<> ''",
	"CREATE TABLE file_deliveries (message_id TEXT NOT NULL, user_id TEXT NOT NULL, file_id "
	"TEXT NOT NULL, sealed {blob} NOT NULL, wrapped {blob} NOT NULL, ended BIGINT NOT NULL, "
	"ended_ms BIGINT NOT NULL, mac {blob} NOT NULL, PRIMARY KEY (message_id, user_id, "
	"file_id), FOREIGN KEY (message_id, user_id) REFERENCES deliveries (message_id, user_id), "
	"FOREIGN KEY (message_id, file_id) REFERENCES message_files (message_id, file_id)){small}",
	"CREATE INDEX file_deliveries_user ON file_deliveries (user_id, file_id, message_id)",
	"CREATE INDEX file_deliveries_live ON file_deliveries (file_id) WHERE ended = 0",
	"CREATE TABLE library (user_id TEXT NOT NULL REFERENCES users (id), file_id TEXT NOT NULL "
	"REFERENCES files (id), added_ms BIGINT NOT NULL, PRIMARY KEY (user_id, file_id)){small}",
	"CREATE INDEX library_added ON library (user_id, added_ms, file_id)",
	"CREATE INDEX library_file ON library (file_id)",
	"CREATE TABLE draft_files (draft_id TEXT NOT NULL REFERENCES drafts (id), file_id TEXT NOT "
	"NULL REFERENCES files (id), PRIMARY KEY (draft_id, file_id)){small}",
	"CREATE INDEX draft_files_file ON draft_files (file_id)",
	NULL,
};

/* Requests to sign documents, each beside the message that it is (store/signings.h). plan, head and
 * detail: ciphertext under a key from the message key; wrapped: the key of a document's version
 * under it. next_ms: when housekeeping has to look; 0: never. */
static const char *const signings[] = {
	"CREATE TABLE signings (message_id TEXT PRIMARY KEY REFERENCES messages (id), sender_id "
	"TEXT NOT NULL REFERENCES users (id), state BIGINT NOT NULL, ordering BIGINT NOT NULL, "
	"wants_password BIGINT NOT NULL, created_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL, "
	"deadline_ms BIGINT NOT NULL, remind_after_ms BIGINT NOT NULL, remind_every_ms BIGINT NOT "
	"NULL, remind_before_ms BIGINT NOT NULL, next_ms BIGINT NOT NULL, version BIGINT NOT NULL, "
	"signer_count BIGINT NOT NULL, document_count BIGINT NOT NULL, plan {blob} NOT NULL, mac "
	"{blob} NOT NULL){strict}",
	"CREATE INDEX signings_next ON signings (next_ms) WHERE next_ms > 0",
	"CREATE INDEX signings_sender ON signings (sender_id, message_id)",
	"CREATE INDEX signings_open ON signings (sender_id, message_id) WHERE state = 1",
	"CREATE TABLE signing_people (message_id TEXT NOT NULL REFERENCES signings (message_id), "
	"position BIGINT NOT NULL, user_id TEXT NOT NULL REFERENCES users (id), state BIGINT NOT "
	"NULL, asked_ms BIGINT NOT NULL, reminded_ms BIGINT NOT NULL, ended_ms BIGINT NOT NULL, "
	"reminders BIGINT NOT NULL, mac {blob} NOT NULL, PRIMARY KEY (message_id, "
	"position)){small}",
	"CREATE UNIQUE INDEX signing_people_user ON signing_people (user_id, message_id)",
	/* Who is asked to sign: counted for every page that is shown. */
	"CREATE INDEX signing_people_asked ON signing_people (user_id, message_id) WHERE state = 2",
	"CREATE TABLE signing_files (message_id TEXT NOT NULL REFERENCES signings (message_id), "
	"position BIGINT NOT NULL, original_id TEXT NOT NULL, file_id TEXT NOT NULL REFERENCES "
	"files (id), revision BIGINT NOT NULL, wrapped {blob} NOT NULL, head {blob} NOT NULL, mac "
	"{blob} NOT NULL, PRIMARY KEY (message_id, position)){strict}",
	"CREATE UNIQUE INDEX signing_files_file ON signing_files (file_id)",
	"CREATE TABLE signing_events (message_id TEXT NOT NULL REFERENCES signings (message_id), "
	"number BIGINT NOT NULL, kind BIGINT NOT NULL, at_ms BIGINT NOT NULL, user_id TEXT NOT "
	"NULL, detail {blob} NOT NULL, mac {blob} NOT NULL, PRIMARY KEY (message_id, "
	"number)){strict}",
	/* The portal's own certificates and keys (store/signing_keys.h). wrapped: under the portal
	   key; empty once it has ended. */
	"CREATE TABLE signing_keys (kind BIGINT NOT NULL, created_ms BIGINT NOT NULL, ended_ms "
	"BIGINT NOT NULL, wrapped {blob} NOT NULL, certificate {blob} NOT NULL, mac {blob} NOT "
	"NULL, PRIMARY KEY (kind, created_ms)){strict}",
	/* What happened, each row bound to the one before it (store/audit.h), and the last one. */
	"CREATE TABLE audit (number BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, kind BIGINT NOT "
	"NULL, actor_id TEXT NOT NULL, object_id TEXT NOT NULL, detail {blob} NOT NULL, chain "
	"{blob} NOT NULL){strict}",
	"CREATE INDEX audit_object ON audit (object_id, number)",
	"CREATE TABLE audit_head (id BIGINT PRIMARY KEY, number BIGINT NOT NULL, chain {blob} NOT "
	"NULL, mac {blob} NOT NULL){strict}",
	/* By which mailed link somebody has shown that an address is theirs
	   (store/address_proofs.h). */
	"CREATE TABLE address_proofs (user_id TEXT NOT NULL REFERENCES users (id), at_ms BIGINT "
	"NOT NULL, kind BIGINT NOT NULL, address TEXT NOT NULL, link {blob} NOT NULL, mac {blob} "
	"NOT NULL, PRIMARY KEY (user_id, at_ms, kind)){strict}",
	NULL,
};

/* What somebody keeps for signing again (store/signing_kept.h); only ciphertext. */
static const char *const kept[] = {
	"CREATE TABLE signing_kept (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users "
	"(id), kind BIGINT NOT NULL, version BIGINT NOT NULL, content {blob} NOT NULL){strict}",
	"CREATE INDEX signing_kept_user ON signing_kept (user_id, kind, id)",
	"CREATE UNIQUE INDEX signing_kept_one ON signing_kept (user_id, kind) WHERE kind < 3",
	NULL,
};

/* What the audit log says beyond who, when and which kind (core/audit_log.h); only ciphertext. */
static const char *const audit_texts[] = {
	"CREATE TABLE audit_texts (number BIGINT PRIMARY KEY, content {blob} NOT NULL){strict}",
	"CREATE INDEX audit_kind ON audit (kind, number)",
	"CREATE INDEX audit_actor ON audit (actor_id, number)",
	NULL,
};

/* Who took or freed a paying seat, and when (store/seats.h). */
static const char *const seats[] = {
	"CREATE TABLE seats (number BIGINT PRIMARY KEY, at_ms BIGINT NOT NULL, user_id TEXT NOT "
	"NULL, actor_id TEXT NOT NULL, delta BIGINT NOT NULL, used BIGINT NOT NULL, mac {blob} NOT "
	"NULL){strict}",
	"CREATE INDEX seats_at ON seats (at_ms, number)",
	"CREATE TABLE seats_head (id BIGINT PRIMARY KEY, number BIGINT NOT NULL, used BIGINT NOT "
	"NULL, mac {blob} NOT NULL){strict}",
	NULL,
};

/* What administrators write in place of the portal's own mails; every version is kept. */
static const char *const mail_texts[] = {
	"CREATE TABLE mail_texts (name TEXT NOT NULL, language TEXT NOT NULL, version BIGINT NOT "
	"NULL, at_ms BIGINT NOT NULL, author_id TEXT NOT NULL, is_standard BIGINT NOT NULL, "
	"subject TEXT NOT NULL, body TEXT NOT NULL, mac {blob} NOT NULL, PRIMARY KEY (name, "
	"language, version)){strict}",
	NULL,
};

/* What administrators search people by: the folded name and the address. The indexes have all that
 * a search looks at, in the two orders of its pages. */
static const char *const people_search[] = {
	"ALTER TABLE users ADD COLUMN find_key TEXT NOT NULL DEFAULT ''",
	"UPDATE users SET find_key = name_key || ' ' || address_key",
	"CREATE INDEX users_find ON users (find_key, grade, role, state, seen_ms, id)",
	"CREATE INDEX users_seen ON users (seen_ms DESC, find_key, grade, role, state, id)",
	NULL,
};

/* What administrators see (store/stats.h, store/mails_queue.h). mails_due also counts those that
 * were tried, in the index alone. */
static const char *const overview[] = {
	"CREATE TABLE stats_days (kind BIGINT NOT NULL, day BIGINT NOT NULL, value BIGINT NOT "
	"NULL, PRIMARY KEY (kind, day)){small}",
	"CREATE TABLE stats_counted (kind BIGINT PRIMARY KEY, next_id TEXT NOT NULL){small}",
	"ALTER TABLE mails ADD COLUMN is_dismissed BIGINT NOT NULL DEFAULT 0",
	"CREATE INDEX mails_bounced ON mails (id) WHERE state = 3 AND is_dismissed = 0",
	"DROP INDEX mails_due",
	"CREATE INDEX mails_due ON mails (next_ms, attempts) WHERE state = 1",
	NULL,
};

/* Few among many: counted without looking at everybody. */
static const char *const administrators[] = {
	"CREATE INDEX users_administrators ON users (state) WHERE role = 1",
	NULL,
};

/* What was destroyed and is not in the journal yet (store/destroyed.h). */
static const char *const destroyed[] = {
	"CREATE TABLE destroyed (id TEXT PRIMARY KEY, content TEXT NOT NULL){small}",
	NULL,
};

/* Of whom something is left to destroy (store/erase.h). */
static const char *const erasing[] = {
	"CREATE TABLE erasing (user_id TEXT PRIMARY KEY){small}",
	NULL,
};

/* What a restore has given up is counted without looking at all mails. */
static const char *const not_sent[] = {
	"CREATE INDEX mails_not_sent ON mails (id) WHERE state = 5",
	NULL,
};

/* Each thing that the audit log can be searched for, in the order of what is found
 * (store/audit_find.h). */
static const char *const audit_order[] = {
	"CREATE INDEX audit_at ON audit (at_ms, number)",
	"DROP INDEX audit_kind",
	"CREATE INDEX audit_kind ON audit (kind, at_ms, number)",
	"DROP INDEX audit_actor",
	"CREATE INDEX audit_actor ON audit (actor_id, at_ms, number)",
	"CREATE INDEX audit_object_at ON audit (object_id, at_ms, number) WHERE object_id <> ''",
	NULL,
};

/* How many people there are of each grade in each state (store/stats.h). */
static const char *const people_counts[] = {
	"CREATE TABLE stats_people (grade BIGINT NOT NULL, state BIGINT NOT NULL, value BIGINT NOT "
	"NULL, PRIMARY KEY (grade, state)){small}",
	"INSERT INTO stats_people (grade, state, value) SELECT grade, state, COUNT(*) FROM users "
	"WHERE find_key <> '' GROUP BY grade, state",
	NULL,
};

/* Further addresses of people (store/aliases.h), and links by which they are confirmed. */
static const char *const aliases[] = {
	"CREATE TABLE aliases (address_key TEXT PRIMARY KEY, address TEXT NOT NULL, user_id TEXT "
	"NOT NULL REFERENCES users (id), created_ms BIGINT NOT NULL, mac {blob} NOT NULL){small}",
	"CREATE INDEX aliases_user ON aliases (user_id, address_key)",
	"DROP INDEX ways_in_links",
	"CREATE INDEX ways_in_links ON ways_in (expires_ms) WHERE kind IN (4, 7, 8, 9, 10, 11)",
	NULL,
};

const struct migration schema_migrations[] = {
	{.number = 1, .name = "people, ways in, rules, messages, mails", .statements = first},
	{.number = 2, .name = "indexes for housekeeping", .statements = housekeeping},
	{.number = 3, .name = "index for links in mails", .statements = links},
	{.number = 4, .name = "order of recipients", .statements = positions},
	{.number = 5, .name = "drafts", .statements = drafts},
	{.number = 6, .name = "archive, trash, read and unread", .statements = boxes},
	{.number = 7, .name = "options, recall, expiry, quotes", .statements = endings},
	{.number = 8, .name = "answers that were begun", .statements = answers},
	{.number = 9, .name = "labels", .statements = labels},
	{.number = 10, .name = "whose key ends with the date", .statements = expiry},
	{.number = 11, .name = "tracking, destroyed keys", .statements = tracking},
	{.number = 12, .name = "people: contacts, blocks", .statements = contacts},
	{.number = 13, .name = "personal groups", .statements = groups},
	{.number = 14, .name = "lists of conversations", .statements = tops},
	{.number = 15, .name = "settings of each person", .statements = preferences},
	{.number = 16, .name = "search", .statements = folded},
	{.number = 17, .name = "index for forwards", .statements = forwards},
	{.number = 18, .name = "files", .statements = files},
	{.number = 19, .name = "documents to sign, audit chain", .statements = signings},
	{.number = 20, .name = "signatures and templates that are kept", .statements = kept},
	{.number = 21, .name = "what the audit log says", .statements = audit_texts},
	{.number = 22, .name = "seats taken and freed", .statements = seats},
	{.number = 23, .name = "texts of mails", .statements = mail_texts},
	{.number = 24, .name = "searching people", .statements = people_search},
	{.number = 25, .name = "figures by day, mails that came back", .statements = overview},
	{.number = 26, .name = "counting administrators", .statements = administrators},
	{.number = 27,
	 .name = "destroyed keys on their way to the journal",
	 .statements = destroyed},
	{.number = 28, .name = "people who are being erased", .statements = erasing},
	{.number = 29, .name = "mails that a restore gave up", .statements = not_sent},
	{.number = 30, .name = "searching the audit log", .statements = audit_order},
	{.number = 31, .name = "counting people", .statements = people_counts},
	{.number = 32, .name = "further addresses of people", .statements = aliases},
};
const size_t schema_migration_count = sizeof(schema_migrations) / sizeof(schema_migrations[0]);
