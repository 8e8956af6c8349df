/* Archive, Trash, read and unread (P4.1): one's own only, unnoticed by others; and that what is
 * deleted for ever leaves no key. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "core/core_test_support.h"
#include "core/housekeeping.h"
#include "core/mailbox_move.h"
#include "core/people.h"
#include "store/store_direct.h"

#define GUEST STR("gabi@example.org")

static struct session *guest(struct core_fixture *f)
{
	struct session *session = core_fixture_person(f, GUEST, STR("Gabi Guest"), GRADE_GUEST);
	core_fixture_sleep(f, 1); /* what follows is newer */
	return session;
}

static struct message_list list(struct core_fixture *f, struct session *session, enum box box)
{
	struct cx cx = core_fixture_cx(f, session);
	struct message_list found;
	assert_int_equal(mailbox_list(&cx, box, STR(""), LIMIT_PAGE_ROWS, &found), OK);
	return found;
}

static enum err move(struct core_fixture *f, struct session *session, const struct id *id,
		     enum box box)
{
	struct cx cx = core_fixture_cx(f, session);
	return mailbox_move(&cx, id, 1, box);
}

static enum err mark(struct core_fixture *f, struct session *session, const struct id *id,
		     bool is_read)
{
	struct cx cx = core_fixture_cx(f, session);
	return mailbox_mark(&cx, id, 1, is_read);
}

static enum err destroy(struct core_fixture *f, struct session *session, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, session);
	return mailbox_destroy(&cx, id, 1);
}

static enum err open_message(struct core_fixture *f, struct session *session, const struct id *id)
{
	struct cx cx = core_fixture_cx(f, session);
	struct message_view view;
	return mailbox_open(&cx, id, &view);
}

static void sweep(struct core_fixture *f)
{
	struct cx cx = core_fixture_cx(f, NULL);
	assert_int_equal(housekeeping_sweep(&cx), OK);
}

static int64_t count_rows(struct core_fixture *f, const char *sql)
{
	char *text = store_direct_read(f->url, sql);
	int64_t count = text ? strtoll(text, NULL, 10) : 0;
	free(text);
	return count;
}

static void a_message_goes_to_a_box_and_back_where_it_came_from(void **state)
{
	static const enum box to[] = {BOX_ARCHIVE, BOX_TRASH};
	static const enum box back[] = {BOX_INBOX, BOX_SENT};
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("Hello"), STR("B"));
	size_t in_inbox = list(f, gabi, BOX_INBOX).count,
	       in_sent = list(f, f->admin, BOX_SENT).count;
	for (int i = 0; i < 4; i++) {
		struct session *who = i < 2 ? gabi : f->admin;
		enum box home = i < 2 ? BOX_INBOX : BOX_SENT;
		size_t before = i < 2 ? in_inbox : in_sent;
		assert_int_equal(move(f, who, &sent.id, to[i % 2]), OK);
		assert_int_equal(list(f, who, home).count, before - 1);
		struct message_list moved = list(f, who, to[i % 2]);
		assert_int_equal(moved.count, 1);
		assert_str(moved.rows[0].subject, STR("Hello"));
		assert_int_equal(moved.rows[0].box, to[i % 2]);
		assert_int_equal(moved.rows[0].is_mine, i >= 2);
		assert_int_equal(moved.rows[0].people.len > 0, i >= 2);
		assert_int_equal(open_message(f, who, &sent.id), OK);
		/* The other one has it where it was. */
		assert_int_equal(list(f, gabi, BOX_INBOX).count, i < 2 ? in_inbox - 1 : in_inbox);
		/* Either word means back. */
		assert_int_equal(move(f, who, &sent.id, back[(i / 2 + i) % 2]), OK);
		assert_int_equal(list(f, who, home).count, before);
		assert_int_equal(list(f, who, to[i % 2]).count, 0);
	}
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P4.3 */
static void marking_tells_the_sender_nothing(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B"));
	int64_t before = list(f, gabi, BOX_INBOX).unread_count;
	assert_int_equal(mark(f, gabi, &sent.id, true), OK);
	assert_int_equal(list(f, gabi, BOX_INBOX).unread_count, before - 1);
	assert_false(list(f, gabi, BOX_INBOX).rows[0].is_unread);
	assert_int_equal(core_fixture_open(f, f->admin, &sent.id).people[0].opened_ms, 0);

	core_fixture_open(f, gabi, &sent.id);
	int64_t opened_ms = core_fixture_open(f, f->admin, &sent.id).people[0].opened_ms;
	assert_int_equal(opened_ms, f->clock.now_ms);

	assert_int_equal(mark(f, gabi, &sent.id, false), OK);
	assert_int_equal(list(f, gabi, BOX_INBOX).unread_count, before);
	assert_true(list(f, gabi, BOX_INBOX).rows[0].is_unread);
	core_fixture_sleep(f, HOUR_MS);
	assert_true(core_fixture_open(f, gabi, &sent.id).was_unread);
	assert_int_equal(list(f, gabi, BOX_INBOX).unread_count, before - 1);
	assert_int_equal(core_fixture_open(f, f->admin, &sent.id).people[0].opened_ms, opened_ms);
	/* Only the Inbox is counted. */
	assert_int_equal(mark(f, gabi, &sent.id, false), OK);
	assert_int_equal(move(f, gabi, &sent.id, BOX_ARCHIVE), OK);
	assert_int_equal(list(f, gabi, BOX_INBOX).unread_count, before - 1);
}

/* As if they did not exist; and then nothing happens to the others either. */
static void others_messages_do_not_exist(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct session *otto =
		core_fixture_person(f, STR("otto@example.org"), STR("Otto"), GRADE_GUEST);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B"));
	struct id own = list(f, otto, BOX_INBOX).rows[0].id;
	struct id unknown = id_new(1);
	const struct id ids[] = {own, sent.id}, none[] = {own, unknown};
	struct cx cx = core_fixture_cx(f, otto);
	for (int i = 0; i < 2; i++) {
		const struct id *pair = i == 0 ? ids : none;
		assert_int_equal(mailbox_move(&cx, pair, 2, BOX_ARCHIVE), ERR_NOT_FOUND);
		assert_int_equal(mailbox_mark(&cx, pair, 2, true), ERR_NOT_FOUND);
		assert_int_equal(mailbox_destroy(&cx, pair, 2), ERR_NOT_FOUND);
	}
	assert_int_equal(move(f, gabi, &sent.id, BOX_TRASH), OK);
	assert_int_equal(destroy(f, otto, &sent.id), ERR_NOT_FOUND);
	assert_int_equal(list(f, otto, BOX_ARCHIVE).count, 0);
	assert_true(list(f, otto, BOX_INBOX).rows[0].is_unread);
	assert_int_equal(list(f, gabi, BOX_TRASH).count, 1);
	/* No box of this number, none or too many at once. */
	assert_int_equal(mailbox_move(&cx, &own, 1, BOX_DESTROYED), ERR_INVALID);
	assert_int_equal(mailbox_move(&cx, &own, 1, 0), ERR_INVALID);
	assert_int_equal(mailbox_move(&cx, &own, 0, BOX_TRASH), ERR_INVALID);
	assert_int_equal(mailbox_mark(&cx, &own, LIMIT_PAGE_ROWS + 1, true), ERR_INVALID);
	assert_int_equal(mailbox_destroy(&cx, &own, 0), ERR_INVALID);
	assert_int_equal(destroy(f, otto, &own), ERR_CONFLICT);
	assert_int_equal(core_fixture_problems(f), 0);
}

/* P1.5: it is their own mail still. */
static void somebody_lowered_keeps_all_of_it(void **state)
{
	struct core_fixture *f = *state;
	struct session *pro =
		core_fixture_person(f, STR("pro@example.org"), STR("Pro"), GRADE_PROFESSIONAL);
	struct sent sent = core_fixture_send(f, pro, GUEST, STR("S"), STR("B"));
	assert_int_equal(move(f, pro, &sent.id, BOX_ARCHIVE), OK);
	struct cx cx = core_fixture_cx(f, f->admin);
	assert_int_equal(people_set_grade(&cx, &pro->user.id, GRADE_GUEST), OK);
	pro = core_fixture_sign_in(f, STR("pro@example.org"), CORE_FIXTURE_PASSWORD);
	assert_int_equal(list(f, pro, BOX_ARCHIVE).count, 1);
	assert_int_equal(move(f, pro, &sent.id, BOX_TRASH), OK);
	assert_int_equal(move(f, pro, &sent.id, BOX_SENT), OK);
	assert_int_equal(list(f, pro, BOX_SENT).count, 1);
}

static void a_conversation_leaves_out_what_is_in_trash(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct cx cx = core_fixture_cx(f, gabi);
	struct conversation_view view;
	struct sent first = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("One"));
	struct draft draft = {
		.to = GUEST, .subject = STR("S"), .body = STR("Two"), .reply_to = first.id};
	struct sent second;
	core_fixture_sleep(f, 1);
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &second, NULL), OK);
	assert_int_equal(move(f, gabi, &first.id, BOX_TRASH), OK);
	assert_int_equal(mailbox_conversation(&cx, &second.id, &view), OK);
	assert_int_equal(view.count, 1);
	assert_str(view.messages[0].body, STR("Two"));
	assert_int_equal(mailbox_conversation(&cx, &first.id, &view), OK);
	assert_int_equal(view.count, 2);
	assert_int_equal(view.messages[0].box, BOX_TRASH);
	assert_int_equal(destroy(f, gabi, &first.id), OK);
	assert_int_equal(mailbox_conversation(&cx, &first.id, &view), ERR_NOT_FOUND);
	assert_int_equal(mailbox_conversation(&cx, &second.id, &view), OK);
	assert_int_equal(view.count, 1);
}

/* Who deletes hides nothing from the sender, and takes nothing from the others. */
static void what_one_deletes_the_others_keep(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B"));
	core_fixture_open(f, gabi, &sent.id);
	assert_int_equal(destroy(f, gabi, &sent.id), ERR_CONFLICT);
	assert_int_equal(move(f, gabi, &sent.id, BOX_TRASH), OK);
	assert_int_equal(destroy(f, gabi, &sent.id), OK);
	for (enum box box = BOX_INBOX; box <= BOX_TRASH; box++) {
		struct message_list left = list(f, gabi, box);
		for (size_t i = 0; i < left.count; i++)
			assert_false(id_eq(&left.rows[i].id, &sent.id));
	}
	assert_int_equal(open_message(f, gabi, &sent.id), ERR_NOT_FOUND);
	assert_int_equal(move(f, gabi, &sent.id, BOX_INBOX), ERR_NOT_FOUND);
	assert_int_equal(mark(f, gabi, &sent.id, false), ERR_NOT_FOUND);
	assert_int_equal(destroy(f, gabi, &sent.id), ERR_NOT_FOUND);
	struct message_view view = core_fixture_open(f, f->admin, &sent.id);
	assert_str(view.body, STR("B"));
	assert_int_equal(view.people_count, 1);
	assert_true(view.people[0].opened_ms > 0);
	assert_int_equal(core_fixture_problems(f), 0);
	/* Of the last one who has it, the message goes too. */
	assert_int_equal(move(f, f->admin, &sent.id, BOX_TRASH), OK);
	assert_int_equal(destroy(f, f->admin, &sent.id), OK);
	const char *sql = arena_printf(&f->arena, "SELECT COUNT(*) FROM messages WHERE id = '%s'",
				       sent.id.text)
				  .data;
	assert_int_equal(count_rows(f, sql), 0);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void an_idempotency_key_outlives_its_message(void **state)
{
	struct core_fixture *f = *state;
	guest(f);
	const struct draft draft = {
		.to = GUEST, .subject = STR("S"), .body = STR("B"), .idempotency_key = STR("once")};
	struct sent sent;
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), OK);
	assert_int_equal(move(f, f->admin, &sent.id, BOX_TRASH), OK);
	assert_int_equal(destroy(f, f->admin, &sent.id), OK);
	assert_int_equal(core_fixture_try_send(f, f->admin, &draft, &sent, NULL), ERR_CONFLICT);
}

/* ---- no key stays ---- */

static bool is_in_file(const char *path, struct str bytes)
{
	enum { FILE_MAX_BYTES = 16 << 20 };
	char *content = malloc(FILE_MAX_BYTES);
	int fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	ssize_t len = read(fd, content, FILE_MAX_BYTES);
	close(fd);
	bool is_there = len > 0 && str_find((struct str){content, (size_t)len}, bytes) >= 0;
	free(content);
	return is_there;
}

/* In any file of the data folder (SQLite), or in any row (PostgreSQL). */
static bool is_stored(struct core_fixture *f, struct str bytes)
{
	bool is_there = false;
	if (!str_starts_with(str_of(f->url), STR("sqlite:"))) {
		struct buf sql CLEANUP_BUF;
		buf_init(&sql, 4096);
		buf_add(&sql, STR("SELECT COUNT(*) FROM deliveries WHERE "
				  "encode(sealed || wrapped, 'hex') LIKE '%"));
		for (size_t i = 0; i < bytes.len; i++)
			buf_addf(&sql, "%02x", (unsigned char)bytes.data[i]);
		buf_add(&sql, STR("%'"));
		buf_add_char(&sql, '\0');
		return count_rows(f, buf_str(&sql).data) > 0;
	}
	DIR *folder = opendir(f->folder);
	assert_non_null(folder);
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		if (entry->d_type == DT_REG)
			is_there |= is_in_file(
				arena_printf(&f->arena, "%s/%s", f->folder, entry->d_name).data,
				bytes);
	}
	closedir(folder);
	return is_there;
}

static struct str key_of(struct core_fixture *f, struct session *session, const struct id *id)
{
	struct db *db CLEANUP_READ = NULL;
	struct delivery delivery;
	assert_int_equal(store_read_begin(f->portal->store, &db), OK);
	assert_int_equal(deliveries_get(db, &f->arena, &session->user.id, id, &delivery), OK);
	return delivery.wrapped.len > 0 ? delivery.wrapped : delivery.sealed;
}

static void trash_is_emptied_and_no_key_stays(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct sent old = core_fixture_send(f, f->admin, GUEST, STR("Old"), STR("B"));
	struct sent young = core_fixture_send(f, f->admin, GUEST, STR("Young"), STR("B"));
	struct sent kept = core_fixture_send(f, f->admin, GUEST, STR("Kept"), STR("B"));
	core_fixture_open(f, gabi, &old.id);
	struct str key = key_of(f, gabi, &old.id), other = key_of(f, gabi, &kept.id);
	assert_true(key.len > 30 && other.len > 30);
	assert_int_equal(move(f, gabi, &old.id, BOX_TRASH), OK);
	assert_int_equal(move(f, gabi, &kept.id, BOX_ARCHIVE), OK);
	core_fixture_sleep(f, DAY_MS);
	assert_int_equal(move(f, gabi, &young.id, BOX_TRASH), OK);
	core_fixture_sleep(f, 29 * DAY_MS);
	sweep(f);
	assert_int_equal(list(f, gabi, BOX_TRASH).count, 2);
	assert_true(is_stored(f, key));
	core_fixture_sleep(f, 1);
	sweep(f);
	struct message_list left = list(f, gabi, BOX_TRASH);
	assert_int_equal(left.count, 1);
	assert_str(left.rows[0].subject, STR("Young"));
	assert_false(is_stored(f, key));
	assert_true(is_stored(f, other));
	assert_int_equal(open_message(f, gabi, &old.id), ERR_NOT_FOUND);
	assert_str(core_fixture_open(f, f->admin, &old.id).body, STR("B"));
	/* The setting. Taken back in time it stays. */
	core_fixture_set(f, "trash_days", STR("90"));
	core_fixture_sleep(f, 60 * DAY_MS);
	sweep(f);
	assert_int_equal(list(f, gabi, BOX_TRASH).count, 1);
	assert_int_equal(move(f, gabi, &young.id, BOX_INBOX), OK);
	core_fixture_sleep(f, 60 * DAY_MS);
	sweep(f);
	assert_int_equal(open_message(f, gabi, &young.id), OK);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void deleting_for_ever_leaves_no_key_at_once(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B"));
	struct str sealed = key_of(f, gabi, &sent.id);
	core_fixture_open(f, gabi, &sent.id);
	struct str wrapped = key_of(f, gabi, &sent.id);
	assert_false(str_eq(sealed, wrapped));
	assert_int_equal(move(f, gabi, &sent.id, BOX_TRASH), OK);
	assert_true(is_stored(f, wrapped));
	assert_int_equal(destroy(f, gabi, &sent.id), OK);
	assert_false(is_stored(f, wrapped));
	assert_false(is_stored(f, sealed));
}

/* Sender and recipient let it go on the same day. */
static void what_nobody_has_any_more_is_gone(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	for (int i = 0; i < 5; i++) {
		struct sent sent = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B"));
		assert_int_equal(move(f, gabi, &sent.id, BOX_TRASH), OK);
		assert_int_equal(move(f, f->admin, &sent.id, BOX_TRASH), OK);
	}
	core_fixture_sleep(f, 31 * DAY_MS);
	sweep(f);
	assert_int_equal(count_rows(f, "SELECT COUNT(*) FROM deliveries WHERE box = 4"), 0);
	/* The invitation's own message is left. */
	assert_int_equal(count_rows(f, "SELECT COUNT(*) FROM messages"), 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

static void ones_own_trash_is_emptied_whole(void **state)
{
	enum { COUNT = 5 };
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct cx cx = core_fixture_cx(f, gabi), others = core_fixture_cx(f, f->admin);
	struct id ids[COUNT];
	size_t count;
	assert_int_equal(mailbox_destroy_trash(&cx, &count), OK);
	assert_int_equal(count, 0);
	for (size_t i = 0; i < COUNT; i++)
		ids[i] = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B")).id;
	assert_int_equal(mailbox_move(&cx, ids, COUNT - 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_move(&others, &ids[0], 1, BOX_TRASH), OK);
	assert_int_equal(mailbox_destroy_trash(&cx, &count), OK);
	assert_int_equal(count, COUNT - 1);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(open_message(f, gabi, &ids[i]),
				 i < COUNT - 1 ? ERR_NOT_FOUND : OK);
	assert_int_equal(list(f, gabi, BOX_TRASH).count, 0);
	assert_int_equal(list(f, f->admin, BOX_TRASH).count, 1);
	assert_int_equal(core_fixture_problems(f), 0);
}

static struct message_list tops(struct core_fixture *f, struct session *session, enum box box)
{
	struct cx cx = core_fixture_cx(f, session);
	struct message_list found;
	assert_int_equal(mailbox_conversations(&cx, box, STR(""), LIMIT_PAGE_ROWS, &found), OK);
	return found;
}

/* Rows, and how many messages and how much news the first stands for. */
static void expect_tops(struct core_fixture *f, struct session *session, enum box box, size_t rows,
			int64_t beside, bool is_unread)
{
	struct message_list found = tops(f, session, box);
	assert_int_equal(found.count, rows);
	if (rows > 0) {
		assert_int_equal(found.rows[0].beside, beside);
		assert_int_equal(found.rows[0].is_unread, is_unread);
	}
}

static struct id answer_to(struct core_fixture *f, struct session *session, const struct id *id)
{
	const struct draft draft = {.to = session == f->admin ? GUEST : STR("admin@example.com"),
				    .body = STR("More"),
				    .reply_to = *id};
	struct sent sent;
	core_fixture_sleep(f, SECOND_MS);
	assert_int_equal(core_fixture_try_send(f, session, &draft, &sent, NULL), OK);
	return sent.id;
}

/* P4.1: one row for each conversation, that of its newest message in the box. */
static void a_conversation_is_one_row(void **state)
{
	struct core_fixture *f = *state;
	struct session *gabi = guest(f);
	struct cx cx = core_fixture_cx(f, gabi);
	size_t before = tops(f, gabi, BOX_INBOX).count;
	struct id first = core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B")).id;
	expect_tops(f, gabi, BOX_INBOX, before + 1, 1, true);
	struct id second = answer_to(f, f->admin, &first);
	struct id third = answer_to(f, f->admin, &second);
	struct id own = answer_to(f, gabi, &third);
	expect_tops(f, gabi, BOX_INBOX, before + 1, 3, true);
	expect_tops(f, gabi, BOX_SENT, 1, 1, false);
	assert_true(id_eq(&tops(f, gabi, BOX_INBOX).rows[0].id, &third));
	expect_tops(f, f->admin, BOX_INBOX, 1, 1, true);

	/* Unread while one of them is. */
	core_fixture_open(f, gabi, &third);
	expect_tops(f, gabi, BOX_INBOX, before + 1, 3, true);
	assert_int_equal(mailbox_mark_conversations(&cx, &third, 1, true), OK);
	expect_tops(f, gabi, BOX_INBOX, before + 1, 3, false);

	/* Taking one away leaves the rest. */
	assert_int_equal(mailbox_move(&cx, &third, 1, BOX_TRASH), OK);
	expect_tops(f, gabi, BOX_INBOX, before + 1, 2, false);
	assert_true(id_eq(&tops(f, gabi, BOX_INBOX).rows[0].id, &second));
	expect_tops(f, gabi, BOX_TRASH, 1, 1, false);

	/* All of it in this box goes, and what is in others stays. */
	assert_int_equal(mailbox_move_conversations(&cx, &second, 1, BOX_ARCHIVE), OK);
	assert_int_equal(tops(f, gabi, BOX_INBOX).count, before);
	expect_tops(f, gabi, BOX_ARCHIVE, 1, 2, false);
	expect_tops(f, gabi, BOX_SENT, 1, 1, false);
	expect_tops(f, gabi, BOX_TRASH, 1, 1, false);
	assert_int_equal(core_fixture_problems(f), 0);
	assert_int_equal(mailbox_move_conversations(&cx, &first, 1, BOX_INBOX), OK);
	expect_tops(f, gabi, BOX_INBOX, before + 1, 2, false);

	/* Deleted for ever, the one before it is the newest. */
	assert_int_equal(mailbox_move(&cx, &second, 1, BOX_TRASH), OK);
	expect_tops(f, gabi, BOX_TRASH, 1, 2, false);
	assert_int_equal(mailbox_destroy(&cx, &third, 1), OK);
	expect_tops(f, gabi, BOX_TRASH, 1, 1, false);
	assert_true(id_eq(&tops(f, gabi, BOX_TRASH).rows[0].id, &second));

	/* Somebody else's are not there. */
	struct cx others = core_fixture_cx(f, f->admin);
	assert_int_equal(mailbox_move_conversations(&others, &own, 1, BOX_TRASH), OK);
	core_fixture_person(f, STR("eve@example.com"), STR("Eve"), GRADE_GUEST);
	struct sign_in eve;
	assert_int_equal(core_test_sign_in(f, STR("eve@example.com"), CORE_FIXTURE_PASSWORD, &eve),
			 OK);
	struct cx hers = core_fixture_cx(f, eve.session);
	assert_int_equal(mailbox_move_conversations(&hers, &first, 1, BOX_TRASH), ERR_NOT_FOUND);
	assert_int_equal(mailbox_mark_conversations(&hers, &first, 1, true), ERR_NOT_FOUND);
	expect_tops(f, gabi, BOX_INBOX, before + 1, 1, false);
	assert_int_equal(core_fixture_problems(f), 0);
	store_direct_run(f->url, "UPDATE deliveries SET is_top = 0");
	assert_true(core_fixture_problems(f) > 0);
}

/* `postern check` is not deceived by a box changed from outside. */
static void a_false_box_is_noticed(void **state)
{
	struct core_fixture *f = *state;
	guest(f);
	core_fixture_send(f, f->admin, GUEST, STR("S"), STR("B"));
	store_direct_run(f->url, "UPDATE deliveries SET box = 5 WHERE kind = 1");
	assert_true(core_fixture_problems(f) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CORE_TEST(a_message_goes_to_a_box_and_back_where_it_came_from),
		CORE_TEST(marking_tells_the_sender_nothing),
		CORE_TEST(others_messages_do_not_exist),
		CORE_TEST(somebody_lowered_keeps_all_of_it),
		CORE_TEST(a_conversation_leaves_out_what_is_in_trash),
		CORE_TEST(what_one_deletes_the_others_keep),
		CORE_TEST(an_idempotency_key_outlives_its_message),
		CORE_TEST(trash_is_emptied_and_no_key_stays),
		CORE_TEST(deleting_for_ever_leaves_no_key_at_once),
		CORE_TEST(what_nobody_has_any_more_is_gone),
		CORE_TEST(ones_own_trash_is_emptied_whole),
		CORE_TEST(a_conversation_is_one_row),
		CORE_TEST(a_false_box_is_noticed),
	};
	return engines_test_run("core", tests, sizeof(tests) / sizeof(tests[0]));
}
