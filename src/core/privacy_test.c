/* What lies on the disk after the whole story opens nothing: no plaintext, no key, no token, no
 * password in any file of the data folder or any row (ARCHITECTURE, Keys; P2.7). */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/encode.h"
#include "core/account.h"
#include "core/core_test_support.h"
#include "core/download.h"
#include "core/draft.h"
#include "core/file_key.h"
#include "core/label.h"
#include "core/master_key.h"
#include "core/people_group.h"
#include "core/preferences.h"
#include "core/recall.h"
#include "core/signing_fake_pdf.h"
#include "core/signing_test_support.h"
#include "core/upload.h"
#include "crypto/token.h"
#include "store/store_direct.h"

#define GUEST STR("gabi@example.org")

enum { NEEDLES_MAX = 256, FILE_MAX_BYTES = 64 << 20, FILE_BYTES = 5 << 18 };

struct needle {
	const char *what;
	struct str bytes;
};

struct needles {
	struct needle items[NEEDLES_MAX];
	size_t count;
};

static void add(struct needles *needles, const char *what, struct str bytes)
{
	assert_true(needles->count < NEEDLES_MAX && bytes.len >= 8);
	needles->items[needles->count++] = (struct needle){what, bytes};
}

static void add_key(struct needles *needles, const char *what, const struct secret *key)
{
	add(needles, what, str_bytes(key->bytes, KEY_BYTES));
}

/* A token in the clear, and the secret in it. */
static void add_token(struct core_fixture *f, struct needles *needles, const char *what,
		      struct str token)
{
	struct str bytes;
	add(needles, what, token);
	assert_int_equal(decode_base64url(&f->arena, token, &bytes), OK);
	add(needles, what, str_slice(bytes, 16, KEY_BYTES));
}

static void add_code(struct core_fixture *f, struct needles *needles, struct str code)
{
	struct secret *key CLEANUP_SECRET = NULL;
	add(needles, "a recovery code", code);
	assert_int_equal(recovery_code_key(code, &key), OK);
	add(needles, "a recovery code's key",
	    arena_copy(&f->arena, str_bytes(key->bytes, KEY_BYTES)));
}

static void save_drafts(struct core_fixture *f, struct session *session)
{
	const struct id fresh = {0};
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct draft_saved saved;
	struct draft draft = {.to = STR("nobody.knows@example.net"),
			      .subject = STR("Not yet said"),
			      .body = STR("This is half a sentence")};
	assert_int_equal(draft_save(&cx, &fresh, 0, &draft, &saved, &errors), OK);
	draft.body = STR("This is nearly a whole sentence");
	assert_int_equal(draft_save(&cx, &saved.id, 1, &draft, &saved, &errors), OK);
}

static void save_group(struct core_fixture *f, struct session *session)
{
	const struct id fresh = {0};
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct people_group group;
	assert_int_equal(people_group_save(&cx, &fresh, STR("Divorce of the mayor"),
					   STR("nobody.else@example.net"), &group, &errors),
			 OK);
}

/* Away, so that the next message is answered. */
static void save_preferences(struct core_fixture *f, struct session *session)
{
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	const struct preferences own = {
		.notify = NOTIFY_HOURLY,
		.away_from = STR("2026-01-01"),
		.away_until = STR("2099-01-01"),
		.away_text = STR("I am at the clinic myself"),
		.signature = STR("Gabi of the secret service"),
	};
	assert_int_equal(preferences_write(&cx, &own, &errors), OK);
	core_fixture_send(f, f->admin, GUEST, STR("To somebody away"), STR("Where are you?"));
}

/* The same sentence again and again, so that each chunk has it. */
static const char sentence[] = "The biopsy of the fourth rib showed ";

static struct id upload_file(struct core_fixture *f, struct session *session, struct str name,
			     int64_t until)
{
	static char bytes[FILE_BYTES];
	struct cx cx = core_fixture_cx(f, session);
	struct form_errors errors = {0};
	struct upload *upload;
	struct id id;
	int64_t offset;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = sentence[i % (sizeof(sentence) - 1)];
	assert_int_equal(
		upload_create(&cx, name, STR("application/x-biopsy"), FILE_BYTES, &id, &errors),
		OK);
	assert_int_equal(upload_begin(&cx, &id, 0, -1, NULL, &upload), OK);
	assert_int_equal(upload_take(upload, str_bytes(bytes, (size_t)until)), OK);
	assert_int_equal(upload_end(upload, UPLOAD_SENT, &offset), OK);
	assert_int_equal(offset, until);
	upload_free(upload);
	return id;
}

static void add_file(struct core_fixture *f, struct needles *needles, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, f->admin);
	struct secret *key CLEANUP_SECRET = NULL;
	struct upload_view view;
	struct file file;
	struct db *db CLEANUP_READ = NULL;
	assert_int_equal(upload_get(&cx, id, &view), OK);
	struct str sum = arena_copy(&f->arena, str_bytes(view.head.sha256, SHA256_BYTES));
	add(needles, "the SHA-256 of a file", sum);
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(files_get(db, &f->arena, id, &file), OK);
	assert_int_equal(file_key_open_owner(&cx, &file, &key), OK);
	add(needles, "the key of a file", arena_copy(&f->arena, str_bytes(key->bytes, KEY_BYTES)));
}

/* One is sent and downloaded, one is not finished. */
static void send_files(struct core_fixture *f, struct session *reader, struct needles *needles)
{
	struct id id = upload_file(f, f->admin, STR("Biopsy of the mayor.pdf"), FILE_BYTES);
	const struct draft draft = {.to = GUEST,
				    .subject = STR("With a file"),
				    .body = STR("See the file."),
				    .files = &id,
				    .file_count = 1};
	struct sent sent;
	struct download *download;
	struct cx cx = core_fixture_cx(f, reader);
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	assert_int_equal(download_open(&cx, &id, &sent.id, &download), OK);
	download_free(download);
	upload_file(f, f->admin, STR("Second opinion.pdf"), FILE_BYTES - 1000);
	add_file(f, needles, &id);
	add(needles, "the bytes of a file", str_of(sentence));
	add(needles, "the name of a file", STR("Biopsy of the mayor"));
	add(needles, "the folded name of a file", STR("biopsy of the mayor"));
	add(needles, "the name of an unfinished file", STR("Second opinion"));
	add(needles, "the type of a file", STR("x-biopsy"));
}

static struct id request_signature(struct core_fixture *f, const struct id *file)
{
	struct signing_field field = {.id = STR("room"),
				      .kind = PDF_FIELD_TEXT,
				      .signer = GUEST,
				      .box = {1, 72, 500, 180, 40},
				      .label = STR("Which room of the tower")};
	const struct signing_plan plan = {
		.fields = &field, .field_count = 1, .order = SIGNING_ALL_AT_ONCE};
	const struct draft draft = signing_test_draft("gabi@example.org", file, 1, &plan);
	return signing_test_send(f, f->admin, &draft);
}

/* One is signed by all, another declined. */
static void sign_documents(struct core_fixture *f, struct session *signer, struct needles *needles)
{
	static const struct signing_value value = {.field_id = STR("room"),
						   .text = STR("The seventh, with the view")};
	struct form_errors errors = {0};
	f->portal->pdf = signing_fake_workers();
	struct id file = signing_test_upload(f, f->admin, STR("Lease of the castle.pdf"),
					     STR("%PDF The castle is let to the mayor"));
	struct id id = request_signature(f, &file);
	struct signing_view view = signing_test_get(f, signer, &id);
	add(needles, "the SHA-256 of a document to sign", view.documents[0].sha256);
	signing_test_sign(f, signer, &id, &value, 1);
	view = signing_test_get(f, signer, &id);
	assert_int_equal(view.state, SIGNING_COMPLETED);
	add(needles, "the SHA-256 of a signed document", view.documents[0].sha256);
	id = request_signature(f, &file);
	signing_test_read(f, signer, &id, 0);
	struct cx cx = core_fixture_cx(f, signer);
	assert_int_equal(signing_decline(&cx, &id, STR("The castle is haunted"),
					 STR("SecretBrowser/9"), &errors),
			 OK);
	add(needles, "a document to sign", STR("The castle is let"));
	add(needles, "the name of a document to sign", STR("Lease of the castle"));
	add(needles, "its folded name", STR("lease of the castle"));
	add(needles, "what was filled in", STR("The seventh, with the view"));
	add(needles, "the label of a field", STR("Which room of the tower"));
	add(needles, "why somebody declined", STR("The castle is haunted"));
	add(needles, "the program of who declined", STR("SecretBrowser/9"));
	add(needles, "what was agreed to", SIGNING_TEST_CONSENT);
	add(needles, "the audit trail", STR("Agreed to: "));
}

/* Everything that was secret in the story. */
static void tell_the_story(struct core_fixture *f, struct needles *needles)
{
	struct cx nobody = core_fixture_cx(f, NULL);
	struct form_errors errors = {0};
	core_fixture_set(f, "subject_in_mail", STR("yes"));
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Blood test of the third"),
					     STR("The value was four seven one one."));
	/* The link is looked for while it waits in the queue, too. */
	struct str token = core_fixture_token(f, MAIL_INVITATION, GUEST);
	struct registration registration = core_fixture_register(f, token, STR("Gabi Guest"));
	struct session *guest = registration.sign_in.session;
	core_fixture_open(f, guest, &sent.id);
	const struct draft answer = {.to = STR("admin@example.com"),
				     .subject = STR("Re: Blood test of the third"),
				     .body = STR("Thank you, that is a relief."),
				     .reply_to = sent.id,
				     .idempotency_key = STR("my-own-idempotency-key")};
	assert_int_equal(core_fixture_try_send(f, guest, &answer, NULL, NULL), OK);
	assert_int_equal(account_ask_help(&nobody, GUEST, &errors), OK);
	struct str reset = core_fixture_token(f, MAIL_RESET, GUEST);
	struct sign_in begun;
	assert_int_equal(account_reset(&nobody, reset, STR("copper lantern meadow 7"),
				       registration.recovery_code, SESSION_API, STR("Test"), &begun,
				       &errors),
			 OK);
	core_fixture_keep(f, begun.session);
	core_fixture_send(f, f->admin, STR("waiting@example.org"), STR("Still to be delivered"),
			  STR("This waits for somebody."));

	save_drafts(f, begun.session);
	save_group(f, begun.session);

	send_files(f, begun.session, needles);
	sign_documents(f, begun.session, needles);

	save_preferences(f, begun.session);
	add(needles, "an automatic answer", STR("I am at the clinic myself"));
	add(needles, "a signature", STR("Gabi of the secret service"));
	struct cx cx = core_fixture_cx(f, f->admin);
	const struct recall_wish wish = {.reason = STR("Meant for his wife"), .is_whole = true};
	struct recalled recalled;
	assert_int_equal(recall_message(&cx, &sent.id, &wish, &recalled, &errors), OK);
	add(needles, "a recall's reason", STR("Meant for his wife"));

	add(needles, "a group's name", STR("Divorce of the mayor"));
	add(needles, "a group's member", STR("nobody.else@example.net"));
	add(needles, "a draft's subject", STR("Not yet said"));
	add(needles, "a draft's body", STR("half a sentence"));
	add(needles, "a draft's new body", STR("nearly a whole sentence"));
	add(needles, "a draft's recipient", STR("nobody.knows@example.net"));
	struct cx own = core_fixture_cx(f, f->admin);
	struct id label;
	assert_int_equal(label_set(&own, &sent.id, &STR("Severe cases"), 1, "labels", &errors), OK);
	assert_int_equal(label_create(&own, STR("Nobody's business"), &label, &errors), OK);
	add(needles, "a label's name", STR("Severe cases"));
	add(needles, "a folded label's name", STR("severe cases"));
	add(needles, "an unused label's name", STR("Nobody's business"));
	add(needles, "a folded subject", STR("blood test of the third"));
	add(needles, "a folded body", STR("the value was four"));
	add(needles, "a folded answer", STR("thank you, that is"));
	add(needles, "a subject", STR("Blood test of the third"));
	add(needles, "a body", STR("four seven one one"));
	add(needles, "an answer", STR("that is a relief"));
	add(needles, "a waiting subject", STR("Still to be delivered"));
	add(needles, "a waiting body", STR("This waits for"));
	add(needles, "a password", CORE_FIXTURE_PASSWORD);
	add(needles, "a new password", STR("copper lantern meadow 7"));
	add(needles, "an idempotency key", STR("my-own-idempotency-key"));
	add(needles, "a link", STR("/register/"));
	add_token(f, needles, "a registration link", token);
	add_token(f, needles, "a reset link", reset);
	add_token(f, needles, "a session's token", registration.sign_in.token);
	add_token(f, needles, "an API token", begun.token);
	add_code(f, needles, registration.recovery_code);
	add_code(f, needles, f->admin_recovery_code);
	add_key(needles, "the guest's private key", guest->private_key);
	add_key(needles, "the guest's mailbox key", guest->mailbox_key);
	add_key(needles, "the administrator's private key", f->admin->private_key);
	add_key(needles, "the administrator's mailbox key", f->admin->mailbox_key);
	add_key(needles, "the portal's private key", f->portal->portal_private);
	add_key(needles, "the key of the queue", f->portal->queue_key);
	add_key(needles, "the key of the rows", f->portal->row_key);
}

/* The guest's name is no secret; that it is found shows that the search works. */
static bool is_name_found;

static void look_through(const struct needles *needles, const char *where, struct str bytes)
{
	is_name_found = is_name_found || str_find(bytes, STR("Gabi Guest")) >= 0;
	for (size_t i = 0; i < needles->count; i++)
		if (str_find(bytes, needles->items[i].bytes) >= 0)
			fail_msg("%s: %s is there", where, needles->items[i].what);
}

/* And in the folders below: the blobs of files. */
static size_t look_through_folder(const char *path, const struct needles *needles)
{
	char *bytes = malloc(FILE_MAX_BYTES);
	DIR *folder = opendir(path);
	size_t total = 0;
	assert_non_null(folder);
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		char below[512];
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof(below), "%.200s/%.200s", path, entry->d_name);
		int fd = open(below, O_RDONLY);
		ssize_t len = read(fd, bytes, FILE_MAX_BYTES);
		close(fd);
		if (len < 0) {
			total += look_through_folder(below, needles);
			continue;
		}
		look_through(needles, entry->d_name, (struct str){bytes, (size_t)len});
		total += (size_t)len;
	}
	closedir(folder);
	free(bytes);
	return total;
}

/* PostgreSQL's files are its own: we look through every row, as text and with bytes as hexadecimal.
 */
static size_t look_through_rows(struct core_fixture *f, const struct needles *needles)
{
	static const char *const tables[] = {
		"settings",       "users",         "ways_in",         "rules",
		"messages",       "deliveries",    "mails",           "repeats",
		"drafts",         "tracks",        "destructions",    "contacts",
		"exchanges",      "blocks",        "people_groups",   "preferences",
		"away_answers",   "labels",        "delivery_labels", "message_texts",
		"files",          "file_parts",    "message_files",   "file_deliveries",
		"library",        "draft_files",   "signing_kept",    "signings",
		"signing_people", "signing_files", "signing_events",  "signing_keys",
		"audit",          "audit_head",    "address_proofs"};
	struct needles all = *needles;
	size_t total = 0;
	for (size_t i = 0; i < needles->count; i++) {
		struct buf hex CLEANUP_BUF;
		buf_init(&hex, 4096);
		for (size_t k = 0; k < needles->items[i].bytes.len; k++)
			buf_addf(&hex, "%02x", (unsigned char)needles->items[i].bytes.data[k]);
		add(&all, needles->items[i].what, arena_copy(&f->arena, buf_str(&hex)));
	}
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char sql[128];
		snprintf(sql, sizeof(sql), "SELECT string_agg(t::text, ' ') FROM %s t", tables[i]);
		char *text = store_direct_read(f->url, sql);
		look_through(&all, tables[i], str_of(text));
		total += text ? strlen(text) : 0;
		free(text);
	}
	return total;
}

static void nothing_secret_lies_in_the_data(void **state)
{
	struct core_fixture *f = *state;
	struct needles needles = {.count = 0};
	tell_the_story(f, &needles);
	is_name_found = false;
	struct str url = str_of(f->url);
	if (str_starts_with(url, STR("sqlite:"))) {
		assert_true(look_through_folder(f->folder, &needles) >
			    10000 + 2 * FILE_BYTES - 1000);
		assert_int_equal(store_forget(f->portal->store), OK);
		assert_true(look_through_folder(f->folder, &needles) >
			    10000 + 2 * FILE_BYTES - 1000);
	} else {
		assert_true(look_through_rows(f, &needles) > 10000);
		assert_true(look_through_folder(f->folder, &needles) > 2 * FILE_BYTES - 1000);
	}
	assert_true(is_name_found);
}

/* The database alone, or with another key file, is worth nothing. */
static void without_the_master_key_nothing_opens(void **state)
{
	struct core_fixture *f = *state;
	struct needles needles = {.count = 0};
	tell_the_story(f, &needles);
	struct arena arena CLEANUP_ARENA = {0};
	arena_init(&arena, 1 << 20);
	struct str path = master_key_path(&arena, f->options.data_dir);
	const char *file = arena_cstr(&arena, path);
	const char *kept = arena_cstr(&arena, arena_printf(&arena, "%s.kept", file));
	struct stat info;
	assert_int_equal(stat(file, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_int_equal(rename(file, kept), 0);
	struct portal *portal = NULL;
	assert_int_equal(portal_open(&f->options, &portal), ERR_NOT_FOUND);

	struct master_key other CLEANUP_MASTER_KEY = {0};
	assert_int_equal(secret_random(&other.key), OK);
	memcpy(other.portal_public, f->portal->portal_public, PUBLIC_KEY_BYTES);
	assert_int_equal(master_key_write_new(path, &other), OK);
	assert_int_equal(master_key_adopt(path), OK);
	assert_int_equal(master_key_write_new(path, &other), ERR_CONFLICT);
	assert_int_equal(portal_open(&f->options, &portal), ERR_CORRUPT);
	/* Nor does setting up again make it one's own. */
	const struct portal_setup setup = {.name = STR("Mallory's"),
					   .url = STR("https://mallory.example.com"),
					   .admin_address = STR("mallory@example.com"),
					   .custody = CUSTODY_MANAGED};
	struct str link;
	assert_int_equal(portal_create(&f->options, &setup, &arena, &link), ERR_CONFLICT);

	/* The right key with another portal's pinned public key. */
	struct master_key right CLEANUP_MASTER_KEY = {0};
	assert_int_equal(master_key_read(str_of(kept), &right), OK);
	right.portal_public[0] ^= 1;
	assert_int_equal(unlink(file), 0);
	assert_int_equal(master_key_write_new(path, &right), OK);
	assert_int_equal(master_key_adopt(path), OK);
	assert_int_equal(portal_open(&f->options, &portal), ERR_CORRUPT);
	/* One that others can read is not used. */
	assert_int_equal(rename(kept, file), 0);
	assert_int_equal(chmod(file, 0640), 0);
	assert_int_equal(portal_open(&f->options, &portal), ERR_DENIED);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(portal_open(&f->options, &portal), OK);
	portal_close(portal);
}

/* `init` with another store named by mistake: the live portal's key file is not touched. */
static void setting_up_again_elsewhere_keeps_the_key(void **state)
{
	struct core_fixture *f = *state;
	struct arena arena CLEANUP_ARENA = {0};
	arena_init(&arena, 1 << 20);
	struct portal_options elsewhere = f->options;
	const struct portal_setup setup = {.name = STR("Clinic"),
					   .url = STR("https://clinic.example.com"),
					   .admin_address = STR("anna@example.com"),
					   .custody = CUSTODY_MANAGED};
	struct str link;
	elsewhere.store_url =
		arena_printf(&arena, "sqlite:%.*s/other.db", STR_ARGS(f->options.data_dir));
	assert_int_equal(portal_create(&elsewhere, &setup, &arena, &link), ERR_CONFLICT);
	struct portal *portal = NULL;
	assert_int_equal(portal_open(&f->options, &portal), OK);
	portal_close(portal);
}

/* Power went after the portal was stored, before the key file had its name: opening finishes it. */
static void a_set_up_cut_off_is_finished(void **state)
{
	struct core_fixture *f = *state;
	struct arena arena CLEANUP_ARENA = {0};
	arena_init(&arena, 1 << 20);
	struct str path = master_key_path(&arena, f->options.data_dir);
	const char *file = arena_cstr(&arena, path);
	struct portal *portal = NULL;
	assert_int_equal(rename(file, arena_cstr(&arena, arena_printf(&arena, "%s.new", file))), 0);
	assert_int_equal(portal_open(&f->options, &portal), OK);
	portal_close(portal);
	assert_int_equal(access(file, R_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(nothing_secret_lies_in_the_data),
		CORE_TEST_STRICT(nothing_secret_lies_in_the_data),
		CORE_TEST(without_the_master_key_nothing_opens),
		CORE_TEST(setting_up_again_elsewhere_keeps_the_key),
		CORE_TEST(a_set_up_cut_off_is_finished),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
