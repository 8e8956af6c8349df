/* Which files a message has, and whose key opens them there; on both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/files_test_support.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct ending {
	struct id message_id, file_id, user_id;
	int64_t changes;
};
FILES_TEST_WRITE(end_file, struct ending,
		 file_deliveries_end(db, &a->message_id, &a->file_id, &a->user_id,
				     DELIVERY_RECALLED, files_test_ms + 9, &a->changes))
struct two {
	struct file_delivery old, next;
};
FILES_TEST_WRITE(rewrap, struct two, file_deliveries_rewrap(db, &a->old, &a->next))
FILES_TEST_WRITE(set_recalled, struct message_file,
		 message_files_set_recalled(db, a, files_test_ms + 9))

struct delivery_change {
	struct delivery old, next;
};
FILES_TEST_WRITE(end_delivery, struct delivery_change, deliveries_end(db, &a->old, &a->next))
FILES_TEST_WRITE(destroy_delivery, struct delivery, deliveries_destroy(db, a, INT64_MAX))
struct wiping {
	struct files_test *t;
	struct id message_id;
	int64_t count;
};
FILES_TEST_WRITE(wipe_bad, struct wiping,
		 deliveries_wipe_bad(db, &a->t->arena, &a->message_id, &a->count))

/* Ann sends one file to Ben and Cem. */
struct scene {
	struct id message, file;
};

static struct scene send_one(struct files_test *t)
{
	struct scene scene = {.message = files_test_message(t, &t->ann, &t->ben, &t->cem),
			      .file = files_test_ready(t, &t->ann)};
	files_test_attach(t, &scene.message, &scene.file, 0, NULL);
	files_test_give(t, &scene.message, &scene.file, &t->ann);
	files_test_give(t, &scene.message, &scene.file, &t->ben);
	files_test_give(t, &scene.message, &scene.file, &t->cem);
	return scene;
}

static enum err get_right(struct files_test *t, const struct scene *scene, const struct id *user_id,
			  struct file_delivery *ret)
{
	struct db *db CLEANUP_READ = files_test_read(t);
	return file_deliveries_get(db, &t->arena, &scene->message, &scene->file, user_id, ret);
}

static bool has_key(struct files_test *t, const struct scene *scene, const struct id *user_id)
{
	struct file_delivery right;
	enum err err = get_right(t, scene, user_id, &right);
	if (err == ERR_NOT_FOUND)
		return false;
	assert_int_equal(err, OK);
	assert_int_equal(right.ended == DELIVERY_LIVE,
			 right.sealed.len > 0 || right.wrapped.len > 0);
	return right.ended == DELIVERY_LIVE;
}

static struct message_file_copy *files_of(struct files_test *t, const struct id *message_id,
					  const struct id *user_id, size_t expected)
{
	struct db *db CLEANUP_READ = files_test_read(t);
	struct message_file_copy *copies;
	size_t count;
	assert_int_equal(message_files_of(db, &t->arena, message_id, user_id, &copies, &count), OK);
	assert_int_equal(count, expected);
	return copies;
}

static struct delivery delivery_of(struct files_test *t, const struct id *user_id,
				   const struct id *message_id)
{
	struct db *db CLEANUP_READ = files_test_read(t);
	struct delivery delivery;
	assert_int_equal(deliveries_get(db, &t->arena, user_id, message_id, &delivery), OK);
	return delivery;
}

/* Who writes the database can leave the checks of foreign keys out. */
#define WITHOUT_KEYS(t) ((t)->fixture.schema[0] ? "SET session_replication_role = replica;" : "")

/* ---- what a message has ---- */

static void a_message_has_its_files_in_order(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	struct id message = files_test_message(t, &t->ann, &t->ben, NULL);
	struct id other = files_test_message(t, &t->ann, &t->ben, NULL);
	struct id ids[3];
	for (int64_t i = 2; i >= 0; i--) {
		ids[i] = files_test_ready(t, &t->ann);
		files_test_attach(t, &message, &ids[i], i, i == 1 ? &other : NULL);
	}
	files_test_attach(t, &other, &ids[0], 0, NULL);
	files_test_give(t, &message, &ids[0], &t->ben);
	files_test_give(t, &message, &ids[2], &t->ben);
	files_test_give(t, &other, &ids[0], &t->ann);
	const struct message_file_copy *copies = files_of(t, &message, &t->ben, 3);
	for (int i = 0; i < 3; i++) {
		assert_true(copies[i].is_authentic);
		assert_true(id_eq(&copies[i].file.file_id, &ids[i]));
		assert_int_equal(copies[i].file.position, i);
		assert_true(str_eq(copies[i].file.head, STR("name, type, size")));
		assert_true(id_eq(&copies[i].file.source_id, i == 1 ? &other : &(struct id){""}));
		assert_int_equal(id_is_empty(&copies[i].delivery.message_id), i == 1);
		if (i != 1)
			assert_true(str_eq(copies[i].delivery.sealed, STR("sealed file key")));
	}
	copies = files_of(t, &message, &t->cem, 3);
	for (int i = 0; i < 3; i++)
		assert_true(id_is_empty(&copies[i].delivery.message_id));
	struct id none = id_new(files_test_ms);
	files_of(t, &none, &t->ben, 0);
}

static void only_what_is_ready_is_sent(void **state)
{
	struct files_test *t = *state;
	static const enum file_state states[] = {FILE_UNFINISHED, FILE_READY, FILE_REFUSED};
	files_test_people(t);
	struct id message = files_test_message(t, &t->ann, &t->ben, NULL);
	struct message_file file = {
		.message_id = message, .file_id = id_new(files_test_ms), .head = STR("head")};
	assert_int_equal(write_message_file(t, &file), ERR_CONFLICT);
	for (size_t i = 0; i < COUNT(states); i++) {
		struct files_test_insert insert = {.file = files_test_file(&t->ann, states[i], 1)};
		assert_int_equal(write_file(t, &insert), OK);
		file.file_id = insert.file.id;
		assert_int_equal(write_message_file(t, &file),
				 states[i] == FILE_READY ? OK : ERR_CONFLICT);
	}
	/* Who has no delivery can have no right, nor to a file that the message has not. */
	struct file_delivery right = {
		.message_id = message, .file_id = files_test_ready(t, &t->ann), .user_id = t->ben};
	assert_int_equal(write_file_delivery(t, &right), ERR_CONFLICT);
	files_test_attach(t, &message, &right.file_id, 1, NULL);
	assert_int_equal(write_file_delivery(t, &right), OK);
	right.user_id = t->cem;
	assert_int_equal(write_file_delivery(t, &right), ERR_CONFLICT);
}

static void files_are_counted_for_many_messages(void **state)
{
	struct files_test *t = *state;
	enum { MESSAGES = 40 };
	struct id ids[MESSAGES];
	int64_t counts[MESSAGES];
	bool has;
	files_test_people(t);
	struct id file = files_test_ready(t, &t->ann), another = files_test_ready(t, &t->ann);
	for (int i = 0; i < MESSAGES; i++) {
		ids[i] = files_test_message(t, &t->ann, NULL, NULL);
		if (i % 3 > 0)
			files_test_attach(t, &ids[i], &file, 0, NULL);
		if (i % 3 > 1)
			files_test_attach(t, &ids[i], &another, 1, NULL);
	}
	ids[3] = id_new(files_test_ms);
	struct db *db CLEANUP_READ = files_test_read(t);
	for (size_t count = 0; count <= MESSAGES; count++) {
		memset(counts, 0xff, sizeof(counts));
		assert_int_equal(message_files_count(db, ids, count, counts), OK);
		for (size_t i = 0; i < MESSAGES; i++)
			assert_int_equal(counts[i], i < count ? (int64_t)(i % 3) : -1);
	}
	assert_int_equal(message_files_has(db, &file, &has), OK);
	assert_true(has);
	assert_int_equal(message_files_has(db, &ids[0], &has), OK);
	assert_false(has);
}

static void each_column_is_authentic(void **state)
{
	struct files_test *t = *state;
	/* Seen as Cem's of another message where they were moved there. */
	static const struct {
		const char *set;
		bool is_right; /* of file_deliveries, else of message_files */
	} attacks[] = {
		{"message_id = (SELECT MAX(id) FROM messages)", false},
		{"file_id = (SELECT MAX(id) FROM files)", false},
		{"position = 1", false},
		{"source_id = message_id", false},
		{"head = mac", false},
		{"recalled_ms = 1", false},
		{"mac = head", false},
		{"message_id = (SELECT MAX(id) FROM messages)", true},
		{"file_id = (SELECT MAX(id) FROM files)", true},
		{"user_id = (SELECT id FROM users WHERE name = 'cem@example.com')", true},
		{"sealed = mac", true},
		{"wrapped = mac", true},
		{"wrapped = sealed, sealed = wrapped", true},
		{"ended = 1", true},
		{"ended = 4294967296", true},
		{"ended_ms = 1", true},
		{"mac = sealed", true},
	};
	files_test_people(t);
	for (size_t i = 0; i < COUNT(attacks); i++) {
		struct scene scene = {.message = files_test_message(t, &t->ann, &t->ben, NULL),
				      .file = files_test_ready(t, &t->ann)};
		struct scene other = {.message = files_test_message(t, &t->ann, &t->ben, NULL),
				      .file = files_test_ready(t, &t->ann)};
		struct file_delivery right;
		struct message_file *files;
		struct file_delivery *rights;
		size_t counts[2];
		int64_t bad;
		char sql[512];
		files_test_attach(t, &scene.message, &scene.file, 0, NULL);
		files_test_give(t, &scene.message, &scene.file, &t->ben);
		assert_true(files_of(t, &scene.message, &t->ben, 1)->is_authentic);
		assert_int_equal(get_right(t, &scene, &t->ben, &right), OK);
		snprintf(sql, sizeof(sql), "%s UPDATE %s SET %s WHERE message_id = '%s'",
			 WITHOUT_KEYS(t), attacks[i].is_right ? "file_deliveries" : "message_files",
			 attacks[i].set, scene.message.text);
		store_direct_run(t->fixture.url, sql);
		bool is_moved = str_starts_with(str_of(attacks[i].set), STR("message_id"));
		struct db *db CLEANUP_READ = files_test_read(t);
		assert_int_equal(message_files_of_message(
					 db, &t->arena, is_moved ? &other.message : &scene.message,
					 &files, &counts[0], &rights, &counts[1], &bad),
				 OK);
		if (bad != 1)
			fail_msg("%s", sql);
		if (attacks[i].is_right)
			continue;
		const struct message_file_copy *copy =
			files_of(t, is_moved ? &other.message : &scene.message, &t->ben, 1);
		assert_false(copy->is_authentic);
	}
}

static void a_changed_right_is_not_shown(void **state)
{
	struct files_test *t = *state;
	struct file_delivery right;
	files_test_people(t);
	struct scene scene = send_one(t);
	store_direct_run(t->fixture.url, "UPDATE file_deliveries SET ended_ms = 1");
	assert_false(files_of(t, &scene.message, &t->ben, 1)->is_authentic);
	assert_int_equal(get_right(t, &scene, &t->ben, &right), ERR_CORRUPT);
	/* Nor is there one of who has none. */
	struct id dan = files_test_person(t, "dan@example.com");
	assert_true(files_of(t, &scene.message, &dan, 1)->is_authentic);
	assert_int_equal(get_right(t, &scene, &dan, &right), ERR_NOT_FOUND);
}

/* ---- keys ---- */

static void a_key_is_put_in_place_of_the_one_opened(void **state)
{
	struct files_test *t = *state;
	struct file_delivery *sealed;
	size_t count;
	files_test_people(t);
	struct scene scene = send_one(t);
	struct two change;
	assert_int_equal(get_right(t, &scene, &t->ben, &change.old), OK);
	change.next = change.old;
	change.next.sealed = STR("");
	change.next.wrapped = STR("wrapped");
	/* Nothing else can be changed on the way. */
	change.next.ended = DELIVERY_RECALLED;
	assert_int_equal(rewrap(t, &change), OK);
	assert_int_equal(rewrap(t, &change), ERR_NOT_FOUND);
	struct file_delivery back;
	assert_int_equal(get_right(t, &scene, &t->ben, &back), OK);
	assert_int_equal(back.sealed.len, 0);
	assert_true(str_eq(back.wrapped, STR("wrapped")));
	assert_int_equal(back.ended, DELIVERY_LIVE);
	struct db *db = files_test_read(t);
	assert_int_equal(file_deliveries_sealed(db, &t->arena, &t->ben, &sealed, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(file_deliveries_sealed(db, &t->arena, &t->cem, &sealed, &count), OK);
	assert_int_equal(count, 1);
	store_read_end(db);
	/* What has ended stays so. */
	struct ending ending = {scene.message, scene.file, t->cem, 0};
	assert_int_equal(get_right(t, &scene, &t->cem, &change.old), OK);
	assert_int_equal(end_file(t, &ending), OK);
	change.next = change.old;
	change.next.wrapped = STR("wrapped");
	assert_int_equal(rewrap(t, &change), ERR_NOT_FOUND);
	assert_int_equal(get_right(t, &scene, &t->cem, &change.old), OK);
	assert_int_equal(rewrap(t, &change), ERR_NOT_FOUND);
	assert_false(has_key(t, &scene, &t->cem));
}

static void one_right_ends(void **state)
{
	struct files_test *t = *state;
	struct file_delivery right;
	files_test_people(t);
	struct scene scene = send_one(t);
	struct ending ending = {scene.message, scene.file, t->ben, 0};
	assert_int_equal(end_file(t, &ending), OK);
	assert_int_equal(ending.changes, 1);
	assert_int_equal(end_file(t, &ending), OK);
	assert_int_equal(ending.changes, 0);
	assert_int_equal(get_right(t, &scene, &t->ben, &right), OK);
	assert_int_equal(right.ended, DELIVERY_RECALLED);
	assert_true(right.ended_ms == files_test_ms + 9);
	assert_int_equal(right.sealed.len + right.wrapped.len, 0);
	assert_true(has_key(t, &scene, &t->ann));
	assert_true(has_key(t, &scene, &t->cem));
	assert_false(files_test_is_in_library(t, &t->ben, &scene.file));
	assert_true(files_test_is_in_library(t, &t->cem, &scene.file));
	/* Of what nobody has. */
	ending.user_id = id_new(files_test_ms);
	assert_int_equal(end_file(t, &ending), OK);
	assert_int_equal(ending.changes, 0);
}

static void a_file_stays_in_the_library_while_there_is_a_right_to_it(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	struct scene scene = send_one(t);
	struct id again = files_test_message(t, &t->cem, &t->ben, NULL);
	files_test_attach(t, &again, &scene.file, 0, &scene.message);
	files_test_give(t, &again, &scene.file, &t->ben);
	struct ending first = {scene.message, scene.file, t->ben, 0};
	struct ending second = {again, scene.file, t->ben, 0};
	struct ending own = {scene.message, scene.file, t->ann, 0};
	assert_int_equal(end_file(t, &first), OK);
	assert_true(files_test_is_in_library(t, &t->ben, &scene.file));
	assert_int_equal(end_file(t, &second), OK);
	assert_false(files_test_is_in_library(t, &t->ben, &scene.file));
	/* What Ann uploaded is hers. */
	assert_int_equal(end_file(t, &own), OK);
	assert_true(files_test_is_in_library(t, &t->ann, &scene.file));
}

static void a_row_that_fails_loses_its_key_and_goes_on_failing(void **state)
{
	struct files_test *t = *state;
	static const char *const attacks[] = {
		"UPDATE file_deliveries SET wrapped = sealed",
		"UPDATE file_deliveries SET ended = 1, ended_ms = 5",
		"UPDATE file_deliveries SET ended = 77",
	};
	files_test_people(t);
	for (size_t i = 0; i < COUNT(attacks); i++) {
		struct file_delivery right;
		struct scene scene = send_one(t);
		struct ending ending = {scene.message, scene.file, t->ben, 0};
		store_direct_run(t->fixture.url, attacks[i]);
		assert_int_equal(end_file(t, &ending), OK);
		assert_int_equal(ending.changes, 1);
		assert_int_equal(get_right(t, &scene, &t->ben, &right), ERR_CORRUPT);
		/* Those of the others are as they were. */
		assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM file_deliveries WHERE "
						      "LENGTH(sealed) > 0"),
				 2);
		store_direct_run(t->fixture.url, "DELETE FROM file_deliveries");
	}
}

static void what_was_given_is_not_given_again(void **state)
{
	struct files_test *t = *state;
	struct file_delivery back;
	files_test_people(t);
	struct scene scene = send_one(t);
	struct ending ending = {scene.message, scene.file, t->ben, 0};
	struct file_delivery right = {.message_id = scene.message,
				      .file_id = scene.file,
				      .user_id = t->ben,
				      .sealed = STR("another")};
	assert_int_equal(end_file(t, &ending), OK);
	assert_int_equal(write_file_delivery(t, &right), ERR_CONFLICT);
	assert_false(has_key(t, &scene, &t->ben));
	right.user_id = t->cem;
	assert_int_equal(write_file_delivery(t, &right), ERR_CONFLICT);
	assert_int_equal(get_right(t, &scene, &t->cem, &back), OK);
	assert_true(str_eq(back.sealed, STR("sealed file key")));
}

/* ---- with the delivery ---- */

static void with_a_delivery_its_rights_to_files_end(void **state)
{
	struct files_test *t = *state;
	static const enum delivery_end ends[] = {DELIVERY_RECALLED, DELIVERY_EXPIRED};
	files_test_people(t);
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct scene scene = send_one(t), other = send_one(t);
		struct id second = files_test_ready(t, &t->ann);
		struct file_delivery right;
		files_test_attach(t, &scene.message, &second, 1, NULL);
		files_test_give(t, &scene.message, &second, &t->ben);
		struct delivery_change change = {.old = delivery_of(t, &t->ben, &scene.message)};
		change.next = change.old;
		change.next.wrapped = STR("notice key");
		change.next.ended = ends[i];
		change.next.ended_ms = files_test_ms + 3;
		assert_int_equal(end_delivery(t, &change), OK);
		struct scene both[] = {scene, {scene.message, second}};
		for (size_t k = 0; k < 2; k++) {
			assert_int_equal(get_right(t, &both[k], &t->ben, &right), OK);
			assert_int_equal(right.ended, ends[i]);
			assert_true(right.ended_ms == files_test_ms + 3);
			assert_int_equal(right.sealed.len + right.wrapped.len, 0);
			assert_false(files_test_is_in_library(t, &t->ben, &both[k].file));
		}
		assert_true(has_key(t, &scene, &t->cem));
		assert_true(has_key(t, &scene, &t->ann));
		assert_true(has_key(t, &other, &t->ben));
		/* It ended first: the rest of the transaction changes nothing. */
		assert_int_equal(end_delivery(t, &change), ERR_NOT_FOUND);
	}
}

static void to_trash(struct files_test *t)
{
	store_direct_run(t->fixture.url, "UPDATE deliveries SET box = 4, moved_ms = 1 WHERE kind < "
					 "4 AND box <> 5");
}

static void destroy(struct files_test *t, const struct id *message_id, const struct id *user_id)
{
	struct delivery delivery = delivery_of(t, user_id, message_id);
	assert_int_equal(destroy_delivery(t, &delivery), OK);
}

static void what_is_deleted_for_ever_takes_its_files_along(void **state)
{
	struct files_test *t = *state;
	struct file_delivery right;
	files_test_people(t);
	struct scene scene = send_one(t);
	to_trash(t);
	destroy(t, &scene.message, &t->ben);
	assert_int_equal(get_right(t, &scene, &t->ben, &right), ERR_NOT_FOUND);
	assert_false(files_test_is_in_library(t, &t->ben, &scene.file));
	assert_true(has_key(t, &scene, &t->cem));
	destroy(t, &scene.message, &t->ann);
	assert_true(files_test_is_in_library(t, &t->ann, &scene.file));
	/* With the last one the message goes, and all that belongs to it; Ann keeps her file. */
	destroy(t, &scene.message, &t->cem);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM messages"), 0);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM message_files"), 0);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM file_deliveries"), 0);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM library"), 1);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM files"), 1);
}

static void with_a_forward_its_quoted_files_go(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	/* Ann wrote to Ben, and Ben forwards it to Cem. */
	struct scene scene = {.message = files_test_message(t, &t->ann, &t->ben, NULL),
			      .file = files_test_ready(t, &t->ann)};
	struct id forward = files_test_message(t, &t->ben, &t->cem, NULL);
	files_test_attach(t, &scene.message, &scene.file, 0, NULL);
	files_test_give(t, &scene.message, &scene.file, &t->ann);
	files_test_give(t, &scene.message, &scene.file, &t->ben);
	files_test_deliver(t, &scene.message, &t->cem, RECIPIENT_QUOTED, &forward);
	files_test_give(t, &scene.message, &scene.file, &t->cem);
	to_trash(t);
	destroy(t, &forward, &t->cem);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM deliveries WHERE kind = 4"), 0);
	assert_int_equal(files_test_number(t, "SELECT COUNT(*) FROM file_deliveries"), 2);
	assert_false(files_test_is_in_library(t, &t->cem, &scene.file));
	assert_true(has_key(t, &scene, &t->ben));
}

#define BENS "user_id = (SELECT id FROM users WHERE name = 'ben@example.com')"

static void planted_rights_lose_their_keys(void **state)
{
	struct files_test *t = *state;
	static const struct {
		const char *sentence, *sql;
		int64_t kept; /* keys of this message that stay */
	} attacks[] = {
		{"nothing was done", "SELECT 1", 3},
		{"a right was changed", "UPDATE file_deliveries SET ended_ms = 1 WHERE " BENS, 2},
		{"a delivery was changed", "UPDATE deliveries SET kind = 3 WHERE " BENS, 2},
		{"a delivery was taken away, so that nobody ends what hangs on it",
		 "DELETE FROM deliveries WHERE " BENS, 2},
		{"a right was renamed", "UPDATE file_deliveries SET user_id = 'x' WHERE " BENS, 2},
	};
	files_test_people(t);
	for (size_t i = 0; i < COUNT(attacks); i++) {
		struct scene scene = send_one(t);
		struct wiping wiping = {.t = t, .message_id = scene.message};
		char sql[512], count[256];
		snprintf(sql, sizeof(sql), "%s %s", WITHOUT_KEYS(t), attacks[i].sql);
		store_direct_run(t->fixture.url, sql);
		printf("# %s\n", attacks[i].sentence);
		assert_int_equal(wipe_bad(t, &wiping), OK);
		snprintf(count, sizeof(count),
			 "SELECT COUNT(*) FROM file_deliveries WHERE message_id = '%s' AND "
			 "LENGTH(sealed) > 0",
			 scene.message.text);
		if (files_test_number(t, count) != attacks[i].kept)
			fail_msg("%s", attacks[i].sentence);
	}
}

/* ---- who has what ---- */

static void holders_are_all_but_the_sender(void **state)
{
	struct files_test *t = *state;
	struct file_holder *holders;
	size_t count;
	char sql[256];
	files_test_people(t);
	struct scene scene = send_one(t);
	struct id other = files_test_ready(t, &t->ann);
	files_test_attach(t, &scene.message, &other, 1, NULL);
	files_test_give(t, &scene.message, &other, &t->ben);
	struct ending ending = {scene.message, scene.file, t->cem, 0};
	assert_int_equal(end_file(t, &ending), OK);
	snprintf(sql, sizeof(sql), "UPDATE file_deliveries SET ended_ms = 5 WHERE user_id = '%s'",
		 t->ben.text);
	store_direct_run(t->fixture.url, sql);
	struct db *db CLEANUP_READ = files_test_read(t);
	assert_int_equal(file_deliveries_of_file(db, &t->arena, &scene.message, &scene.file,
						 &holders, &count),
			 OK);
	assert_int_equal(count, 2);
	assert_true(str_compare(id_str(&holders[0].delivery.user_id),
				id_str(&holders[1].delivery.user_id)) < 0);
	for (size_t i = 0; i < 2; i++) {
		bool is_ben = id_eq(&holders[i].delivery.user_id, &t->ben);
		assert_int_equal(holders[i].is_authentic, !is_ben);
		assert_int_equal(holders[i].delivery.ended,
				 is_ben ? DELIVERY_LIVE : DELIVERY_RECALLED);
	}
}

static void what_was_passed_on_is_found(void **state)
{
	struct files_test *t = *state;
	struct file_passed_on *passed;
	size_t count;
	files_test_people(t);
	struct scene scene = send_one(t);
	struct id by_ben = files_test_message(t, &t->ben, &t->cem, NULL);
	struct id by_cem = files_test_message(t, &t->cem, &t->ben, NULL);
	struct id another = files_test_ready(t, &t->ann);
	files_test_attach(t, &by_ben, &scene.file, 0, &scene.message);
	files_test_attach(t, &by_cem, &scene.file, 0, &by_ben);
	files_test_attach(t, &by_cem, &another, 1, &scene.message);
	struct db *db CLEANUP_READ = files_test_read(t);
	assert_int_equal(message_files_passed_on(db, &t->arena, &scene.message, &scene.file,
						 &passed, &count),
			 OK);
	assert_int_equal(count, 1);
	assert_true(id_eq(&passed[0].message_id, &by_ben));
	assert_true(id_eq(&passed[0].sender_id, &t->ben));
	assert_int_equal(
		message_files_passed_on(db, &t->arena, &by_ben, &scene.file, &passed, &count), OK);
	assert_int_equal(count, 1);
	assert_true(id_eq(&passed[0].message_id, &by_cem));
	assert_int_equal(
		message_files_passed_on(db, &t->arena, &by_cem, &scene.file, &passed, &count), OK);
	assert_int_equal(count, 0);
	/* What was not handed on has no source, which is none either. */
	assert_int_equal(message_files_passed_on(db, &t->arena, &(struct id){""}, &scene.file,
						 &passed, &count),
			 OK);
	assert_int_equal(count, 0);
}

static void where_a_file_was_sent(void **state)
{
	struct files_test *t = *state;
	enum { MESSAGES = 5 };
	struct id file, *where;
	struct file_delivery *rights;
	size_t count;
	files_test_people(t);
	file = files_test_ready(t, &t->ann);
	for (int i = 0; i < MESSAGES; i++) {
		struct id message = files_test_message(t, &t->ann, &t->ben, NULL);
		files_test_attach(t, &message, &file, 0, NULL);
		files_test_give(t, &message, &file, &t->ben);
		struct ending ending = {message, file, t->ben, 0};
		if (i == 1)
			assert_int_equal(end_file(t, &ending), OK);
	}
	struct db *db CLEANUP_READ = files_test_read(t);
	assert_int_equal(
		message_files_where(db, &t->arena, &t->ben, &file, MESSAGES + 1, &where, &count),
		OK);
	assert_int_equal(count, MESSAGES);
	for (size_t i = 1; i < count; i++)
		assert_true(str_compare(id_str(&where[i - 1]), id_str(&where[i])) > 0);
	assert_int_equal(message_files_where(db, &t->arena, &t->ben, &file, 2, &where, &count), OK);
	assert_int_equal(count, 2);
	assert_int_equal(message_files_where(db, &t->arena, &t->cem, &file, 2, &where, &count), OK);
	assert_int_equal(count, 0);
	assert_int_equal(file_deliveries_of_user(db, &t->arena, &t->ben, &file, &rights, &count),
			 OK);
	assert_int_equal(count, MESSAGES);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(rights[i].ended,
				 i + 1 < count ? DELIVERY_LIVE : DELIVERY_RECALLED);
	for (size_t i = 1; i + 1 < count; i++)
		assert_true(str_compare(id_str(&rights[i - 1].message_id),
					id_str(&rights[i].message_id)) > 0);
}

static void a_file_is_recalled_once(void **state)
{
	struct files_test *t = *state;
	files_test_people(t);
	struct scene scene = send_one(t);
	struct message_file file = files_of(t, &scene.message, &t->ann, 1)->file;
	assert_int_equal(set_recalled(t, &file), OK);
	assert_int_equal(set_recalled(t, &file), ERR_NOT_FOUND);
	const struct message_file_copy *copy = files_of(t, &scene.message, &t->ann, 1);
	assert_true(copy->is_authentic);
	assert_true(copy->file.recalled_ms == files_test_ms + 9);
}

static void everything_of_a_message_is_given_for_a_check(void **state)
{
	struct files_test *t = *state;
	struct message_file *files;
	struct file_delivery *rights;
	size_t file_count, right_count;
	int64_t bad;
	char sql[256];
	files_test_people(t);
	struct scene scene = send_one(t);
	struct id other = files_test_ready(t, &t->ann);
	files_test_attach(t, &scene.message, &other, 1, NULL);
	snprintf(sql, sizeof(sql),
		 "UPDATE file_deliveries SET ended_ms = 5 WHERE user_id = '%s'; UPDATE "
		 "message_files SET head = mac WHERE position = 1",
		 t->ben.text);
	store_direct_run(t->fixture.url, sql);
	struct db *db CLEANUP_READ = files_test_read(t);
	assert_int_equal(message_files_of_message(db, &t->arena, &scene.message, &files,
						  &file_count, &rights, &right_count, &bad),
			 OK);
	assert_int_equal(file_count, 1);
	assert_int_equal(right_count, 2);
	assert_int_equal(bad, 2);
	assert_true(id_eq(&files[0].file_id, &scene.file));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FILES_TEST(a_message_has_its_files_in_order),
		FILES_TEST(only_what_is_ready_is_sent),
		FILES_TEST(files_are_counted_for_many_messages),
		FILES_TEST(each_column_is_authentic),
		FILES_TEST(a_changed_right_is_not_shown),
		FILES_TEST(a_key_is_put_in_place_of_the_one_opened),
		FILES_TEST(one_right_ends),
		FILES_TEST(a_file_stays_in_the_library_while_there_is_a_right_to_it),
		FILES_TEST(a_row_that_fails_loses_its_key_and_goes_on_failing),
		FILES_TEST(what_was_given_is_not_given_again),
		FILES_TEST(with_a_delivery_its_rights_to_files_end),
		FILES_TEST(what_is_deleted_for_ever_takes_its_files_along),
		FILES_TEST(with_a_forward_its_quoted_files_go),
		FILES_TEST(planted_rights_lose_their_keys),
		FILES_TEST(holders_are_all_but_the_sender),
		FILES_TEST(what_was_passed_on_is_found),
		FILES_TEST(where_a_file_was_sent),
		FILES_TEST(a_file_is_recalled_once),
		FILES_TEST(everything_of_a_message_is_given_for_a_check),
	};
	return engines_test_run("store", tests, COUNT(tests));
}
