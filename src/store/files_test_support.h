/* For the tests of files: people, messages and files as few lines. Include after cmocka.h. */
#pragma once

#include "store/drafts.h"
#include "store/engines_test_support.h"
#include "store/message_files.h"
#include "store/messages.h"
#include "store/schema.h"
#include "store/store_direct.h"

static const int64_t files_test_ms = INT64_C(1767225600000);

struct files_test {
	struct store_fixture fixture;
	struct store *store;
	struct arena arena;
	struct id ann, ben, cem; /* people */
	int64_t made;            /* messages and files: the last one has the highest id */
};

static inline int files_test_setup(void **state)
{
	const bool *is_postgres = *state;
	struct files_test *t = calloc(1, sizeof(*t));
	store_fixture_init(&t->fixture, *is_postgres);
	assert_int_equal(crypto_init(), OK);
	arena_init(&t->arena, 64 << 20);
	*state = t;
	if (store_fixture_open(&t->fixture, schema_migrations, schema_migration_count, 8) != OK)
		return -1;
	t->store = t->fixture.store;
	return 0;
}

static inline int files_test_teardown(void **state)
{
	struct files_test *t = *state;
	arena_release(&t->arena);
	store_fixture_release(&t->fixture);
	free(t);
	return 0;
}

/* A store_fn of one statement, and the call that runs it: name(t, &argument). */
#define FILES_TEST_WRITE(name, type, call)                                                         \
	static enum err name##_in_it(struct db *db, void *argument)                                \
	{                                                                                          \
		type *a = argument;                                                                \
		return call;                                                                       \
	}                                                                                          \
	__attribute__((unused)) static enum err name(struct files_test *t, type *argument)         \
	{                                                                                          \
		return store_transact(t->store, name##_in_it, argument, NULL);                     \
	}

FILES_TEST_WRITE(write_user, struct user,
		 users_insert(db, a, (struct users_keys){.name = a->address}))
FILES_TEST_WRITE(write_message, struct message, messages_insert(db, a))
FILES_TEST_WRITE(write_delivery, struct delivery, deliveries_insert(db, a))
FILES_TEST_WRITE(write_message_file, struct message_file, message_files_insert(db, a))
FILES_TEST_WRITE(write_file_delivery, struct file_delivery, file_deliveries_insert(db, a))

struct files_test_insert {
	struct file file;
	int64_t quota_bytes;
};
FILES_TEST_WRITE(write_file, struct files_test_insert, files_insert(db, &a->file, a->quota_bytes))

struct files_test_library {
	struct id user_id, file_id;
	int64_t added_ms;
};
FILES_TEST_WRITE(add_to_library, struct files_test_library,
		 library_add(db, &a->user_id, &a->file_id, a->added_ms))
FILES_TEST_WRITE(remove_from_library, struct files_test_library,
		 library_remove(db, &a->user_id, &a->file_id))

static inline struct id files_test_person(struct files_test *t, const char *address)
{
	struct user user = {
		.id = id_new(files_test_ms),
		.address = str_of(address),
		.address_key = str_of(address),
		.name = str_of(address),
		.grade = GRADE_PROFESSIONAL,
		.state = USER_ACTIVE,
		.custody = CUSTODY_MANAGED,
		.version = 1,
		.created_ms = files_test_ms,
	};
	assert_int_equal(write_user(t, &user), OK);
	return user.id;
}

static inline void files_test_people(struct files_test *t)
{
	t->ann = files_test_person(t, "ann@example.com");
	t->ben = files_test_person(t, "ben@example.com");
	t->cem = files_test_person(t, "cem@example.com");
}

/* To Ben (box INBOX) or, as a quoted one, to whoever is given later. */
static inline void files_test_deliver(struct files_test *t, const struct id *message_id,
				      const struct id *user_id, enum recipient_kind kind,
				      const struct id *via)
{
	static const enum box boxes[] = {BOX_SENT, BOX_INBOX, BOX_INBOX, BOX_INBOX, BOX_NONE};
	struct delivery delivery = {
		.message_id = *message_id,
		.user_id = *user_id,
		.kind = kind,
		.box = boxes[kind],
		.wrapped = STR("message key"),
	};
	if (via)
		delivery.via = *via;
	assert_int_equal(write_delivery(t, &delivery), OK);
}

/* From one person to the others (NULL: nobody). */
static inline struct id files_test_message(struct files_test *t, const struct id *sender_id,
					   const struct id *first, const struct id *second)
{
	struct id id = id_new(files_test_ms + t->made++);
	struct message message = {
		.id = id,
		.conversation_id = id,
		.sender_id = *sender_id,
		.sent_ms = files_test_ms,
		.subject = STR("subject"),
		.body = STR("body"),
	};
	digest(message.body, message.body_hash);
	assert_int_equal(write_message(t, &message), OK);
	files_test_deliver(t, &id, sender_id, RECIPIENT_FROM, NULL);
	if (first)
		files_test_deliver(t, &id, first, RECIPIENT_TO, NULL);
	if (second)
		files_test_deliver(t, &id, second, RECIPIENT_CC, NULL);
	return id;
}

static inline struct file files_test_file(const struct id *owner_id, enum file_state state,
					  int64_t bytes)
{
	return (struct file){
		.id = id_new(files_test_ms),
		.owner_id = *owner_id,
		.state = state,
		.bytes = bytes,
		.created_ms = files_test_ms,
		.owner_wrapped = STR("file key for the owner"),
		.head = STR("name and type"),
		.digest = state == FILE_READY ? STR("digest") : STR(""),
		.hashing = STR(""),
		.touched_ms = files_test_ms,
	};
}

/* A row alone, without parts. */
static inline struct id files_test_ready(struct files_test *t, const struct id *owner_id)
{
	struct files_test_insert insert = {.file = files_test_file(owner_id, FILE_READY, 100)};
	insert.file.id = id_new(files_test_ms + t->made++);
	assert_int_equal(write_file(t, &insert), OK);
	return insert.file.id;
}

/* To a message, without anybody's right to it yet. */
static inline void files_test_attach(struct files_test *t, const struct id *message_id,
				     const struct id *file_id, int64_t position,
				     const struct id *source_id)
{
	struct message_file file = {
		.message_id = *message_id,
		.file_id = *file_id,
		.position = position,
		.head = STR("name, type, size"),
	};
	if (source_id)
		file.source_id = *source_id;
	assert_int_equal(write_message_file(t, &file), OK);
}

/* A right to it, and a place in the library. */
static inline void files_test_give(struct files_test *t, const struct id *message_id,
				   const struct id *file_id, const struct id *user_id)
{
	struct file_delivery delivery = {
		.message_id = *message_id,
		.file_id = *file_id,
		.user_id = *user_id,
		.sealed = STR("sealed file key"),
	};
	struct files_test_library place = {*user_id, *file_id, files_test_ms};
	assert_int_equal(write_file_delivery(t, &delivery), OK);
	assert_int_equal(add_to_library(t, &place), OK);
}

static inline struct db *files_test_read(struct files_test *t)
{
	struct db *db;
	assert_int_equal(store_read_begin(t->store, &db), OK);
	return db;
}

/* The one number that SQL gives to somebody with a connection of their own. */
static inline int64_t files_test_number(struct files_test *t, const char *sql)
{
	char *text = store_direct_read(t->fixture.url, sql);
	int64_t number = atoll(text);
	free(text);
	return number;
}

struct files_test_change {
	struct file old, next;
	int64_t bytes, quota_bytes;
};
FILES_TEST_WRITE(update, struct files_test_change, files_update(db, &a->old, &a->next))
FILES_TEST_WRITE(set_bytes, struct files_test_change,
		 files_set_bytes(db, &a->old, a->bytes, a->quota_bytes))

struct files_test_taking {
	struct id id;
	int64_t writer;
};
FILES_TEST_WRITE(take_over, struct files_test_taking,
		 files_take_over(db, &a->id, files_test_ms + 5, &a->writer))

struct files_test_adding {
	struct id id;
	int64_t writer;
	struct file_part parts[4];
	size_t count;
};
FILES_TEST_WRITE(add_parts, struct files_test_adding,
		 files_add_parts(db, &a->id, a->writer, a->parts, a->count, STR("hash state"),
				 files_test_ms + 7))

static inline enum err files_test_try_get(struct files_test *t, const struct id *id,
					  struct file *ret)
{
	struct db *db CLEANUP_READ = files_test_read(t);
	return files_get(db, &t->arena, id, ret);
}

static inline struct file files_test_get(struct files_test *t, const struct id *id)
{
	struct file file;
	assert_int_equal(files_test_try_get(t, id, &file), OK);
	return file;
}

static inline enum err files_test_parts(struct files_test *t, const struct id *id,
					struct file_part **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = files_test_read(t);
	return files_parts(db, &t->arena, id, ret, ret_count);
}

static inline struct id files_test_unfinished(struct files_test *t, int64_t bytes)
{
	struct files_test_insert insert = {
		.file = files_test_file(&t->ann, FILE_UNFINISHED, bytes)};
	assert_int_equal(write_file(t, &insert), OK);
	return insert.file.id;
}

static inline struct file_part files_test_part(const struct id *file_id, int64_t number,
					       int64_t offset, int64_t bytes, bool is_last)
{
	return (struct file_part){*file_id, number, id_new(files_test_ms), offset, bytes, is_last};
}
/* Three parts of 10 bytes, ready. */
static inline struct id files_test_three_parts(struct files_test *t)
{
	struct id id = files_test_unfinished(t, 30);
	struct files_test_taking taking = {.id = id};
	assert_int_equal(take_over(t, &taking), OK);
	struct files_test_adding adding = {.id = id,
					   .writer = 1,
					   .parts = {files_test_part(&id, 0, 0, 10, false),
						     files_test_part(&id, 1, 10, 10, false),
						     files_test_part(&id, 2, 20, 10, true)},
					   .count = 3};
	assert_int_equal(add_parts(t, &adding), OK);
	struct files_test_change change = {.old = files_test_get(t, &id)};
	change.next = change.old;
	change.next.state = FILE_READY;
	change.next.digest = STR("digest");
	assert_int_equal(update(t, &change), OK);
	return id;
}

static inline bool files_test_is_in_library(struct files_test *t, const struct id *user_id,
					    const struct id *file_id)
{
	struct db *db CLEANUP_READ = files_test_read(t);
	struct library_place *places;
	size_t count;
	assert_int_equal(library_list(db, &t->arena, user_id, &(struct library_place){0}, 1000,
				      &places, &count),
			 OK);
	for (size_t i = 0; i < count; i++) {
		if (id_eq(&places[i].file_id, file_id))
			return true;
	}
	return false;
}

#define FILES_TEST(name)                                                                           \
	cmocka_unit_test_setup_teardown(name, files_test_setup, files_test_teardown)
