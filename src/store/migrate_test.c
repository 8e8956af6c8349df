#include "store/store_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/db_test_support.h"
#include "store/messages.h"
#include "store/schema.h"

static const char *const more[] = {"CREATE TABLE more (id BIGINT PRIMARY KEY, data {blob}){strict}",
				   "INSERT INTO more (id, data) VALUES (1, NULL)", NULL};
static const char *const broken[] = {"INSERT INTO more (id, data) VALUES (2, NULL)",
				     "CREATE NONSENSE", NULL};
static const char *const mended[] = {"INSERT INTO more (id, data) VALUES (3, NULL)", NULL};

static const struct migration good[] = {
	{.number = 1, .name = "first", .statements = db_test_tables},
	{.number = 2, .name = "more", .statements = more},
	{.number = 3, .name = "mended", .statements = mended},
};

static enum err open_with(struct store_fixture *fixture, const struct migration *list, size_t count)
{
	store_close(fixture->store);
	fixture->store = NULL;
	return store_fixture_open(fixture, list, count, 2);
}

static void only_what_is_missing_is_applied(void **state)
{
	struct store_fixture *fixture = *state;
	static const size_t counts[] = {1, 1, 2, 3, 3};
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		assert_int_equal(open_with(fixture, good, counts[i]), OK);
	assert_int_equal(db_test_number(fixture->store, "SELECT COUNT(*) FROM schema_migration"),
			 3);
	assert_int_equal(db_test_number(fixture->store, "SELECT SUM(id) FROM more"), 4);
}

static void a_broken_migration_leaves_nothing_behind(void **state)
{
	struct store_fixture *fixture = *state;
	const struct migration bad[] = {
		good[0], good[1], {.number = 3, .name = "bad", .statements = broken}};
	assert_int_equal(open_with(fixture, bad, 3), ERR_INTERNAL);
	assert_int_equal(open_with(fixture, good, 2), OK);
	assert_int_equal(db_test_number(fixture->store, "SELECT COUNT(*) FROM more"), 1);
	assert_int_equal(open_with(fixture, good, 3), OK);
	assert_int_equal(db_test_number(fixture->store, "SELECT SUM(id) FROM more"), 4);
}

static void a_newer_schema_is_refused(void **state)
{
	struct store_fixture *fixture = *state;
	assert_int_equal(open_with(fixture, good, 3), OK);
	assert_int_equal(open_with(fixture, good, 2), ERR_CORRUPT);
	assert_int_equal(open_with(fixture, good, 3), OK);
}

static void a_list_with_gaps_is_refused(void **state)
{
	struct store_fixture *fixture = *state;
	const struct migration gap[] = {good[0], good[2]};
	assert_int_equal(open_with(fixture, gap, 2), ERR_INTERNAL);
}

struct opener {
	struct store_fixture fixture;
	enum err err;
};

static void *open_in_thread(void *argument)
{
	struct opener *opener = argument;
	opener->err = store_fixture_open(&opener->fixture, good, 3, 2);
	return NULL;
}

static void two_may_start_at_once(void **state)
{
	struct store_fixture *fixture = *state;
	struct opener openers[2];
	pthread_t threads[2];
	store_close(fixture->store);
	fixture->store = NULL;
	for (int i = 0; i < 2; i++) {
		openers[i] = (struct opener){.fixture = *fixture, .err = ERR_INTERNAL};
		assert_int_equal(pthread_create(&threads[i], NULL, open_in_thread, &openers[i]), 0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		store_close(openers[i].fixture.store);
	}
	assert_int_equal(openers[0].err, OK);
	assert_int_equal(openers[1].err, OK);
	assert_int_equal(open_with(fixture, good, 3), OK);
	assert_int_equal(db_test_number(fixture->store, "SELECT SUM(id) FROM more"), 4);
}

/* The row as it was written before there was anything to search by. */
static enum err insert_user_of_before(struct db *db, const struct id *id, struct str name)
{
	const uint8_t no_key[PUBLIC_KEY_BYTES] = {0};
	uint8_t row_mac[DIGEST_BYTES];
	struct mac mac;
	mac_begin(&mac, db_row_key(db), "users");
	mac_str(&mac, id_str(id));
	for (int i = 0; i < 3; i++)
		mac_str(&mac, name);
	for (int i = 0; i < 5; i++)
		mac_int(&mac, 0);
	mac_str(&mac, str_bytes(no_key, sizeof(no_key)));
	mac_int(&mac, 0);
	mac_str(&mac, STR(""));
	mac_int(&mac, 0);
	mac_end(&mac, row_mac);
	return db_run(
		db,
		"INSERT INTO users (id, address, address_key, name, name_key, grade, role, "
		"state, is_registered, custody, public_key, version, invited_by, created_ms, "
		"seen_ms, language, zone, mac) VALUES (?1, ?2, ?2, ?2, ?2, 0, 0, 0, 0, 0, ?3, "
		"0, '', 0, 0, '', '', ?4)",
		PARAMS(P_ID(id), P_TEXT(name), P_BLOB(str_bytes(no_key, sizeof(no_key))),
		       P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		NULL);
}

/* A message from before recipients had a position, with rows as they were written then. */
static enum err insert_message_of_before(struct db *db, void *argument)
{
	const struct id *ids = argument; /* message, sender, two recipients */
	static const char *const names[] = {"", "Ada", "Zoe", "Ben"};
	uint8_t hash[DIGEST_BYTES], row_mac[DIGEST_BYTES];
	struct mac mac;
	for (int i = 1; i <= 3; i++) {
		TRY(insert_user_of_before(db, &ids[i], str_of(names[i])));
	}
	digest(STR(""), hash);
	mac_begin(&mac, db_row_key(db), "messages");
	mac_str(&mac, id_str(&ids[0]));
	mac_str(&mac, id_str(&ids[0]));
	mac_str(&mac, STR(""));
	mac_str(&mac, id_str(&ids[1]));
	mac_int(&mac, 0);
	mac_str(&mac, STR(""));
	mac_str(&mac, str_bytes(hash, sizeof(hash)));
	mac_end(&mac, row_mac);
	TRY(db_run(db,
		   "INSERT INTO messages (id, conversation_id, parent_id, sender_id, sent_ms, "
		   "subject, body, body_hash, mac) VALUES (?1, ?1, '', ?2, 0, ?3, ?3, ?4, ?5)",
		   PARAMS(P_ID(&ids[0]), P_ID(&ids[1]), P_BLOB(STR("")),
			  P_BLOB(str_bytes(hash, sizeof(hash))),
			  P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
		   NULL));
	for (int i = 1; i <= 3; i++) {
		mac_begin(&mac, db_row_key(db), "deliveries");
		mac_str(&mac, id_str(&ids[0]));
		mac_str(&mac, id_str(&ids[i]));
		mac_int(&mac, i > 1);
		mac_str(&mac, STR(""));
		mac_str(&mac, STR(""));
		mac_end(&mac, row_mac);
		TRY(db_run(db,
			   "INSERT INTO deliveries (message_id, user_id, kind, box, sealed, "
			   "wrapped, opened_ms, mac) VALUES (?1, ?2, ?3, 1, ?4, ?4, 0, ?5)",
			   PARAMS(P_ID(&ids[0]), P_ID(&ids[i]), P_INT(i > 1), P_BLOB(STR("")),
				  P_BLOB(str_bytes(row_mac, sizeof(row_mac)))),
			   NULL));
	}
	return OK;
}

static void older_messages_keep_their_recipients(void **state)
{
	enum { BEFORE_POSITIONS = 3 };
	const struct store_fixture *own = *state;
	struct store_fixture place;
	struct arena arena CLEANUP_ARENA;
	struct db *db;
	struct id ids[4];
	struct message_reader *readers;
	size_t count;
	store_fixture_init(&place, strncmp(own->url, "sqlite:", 7) != 0);
	arena_init(&arena, 1 << 20);
	for (int i = 0; i < 4; i++)
		ids[i] = id_new(1700000000000 + i);
	assert_int_equal(open_with(&place, schema_migrations, BEFORE_POSITIONS), OK);
	assert_int_equal(store_transact(place.store, insert_message_of_before, ids, NULL), OK);
	assert_int_equal(open_with(&place, schema_migrations, schema_migration_count), OK);
	assert_int_equal(store_read_begin(place.store, &db), OK);
	assert_int_equal(messages_readers(db, &arena, &ids[0], &readers, &count), OK);
	assert_int_equal(count, 2);
	assert_true(str_eq(readers[0].user.name, STR("Ben")));
	assert_true(str_eq(readers[1].user.name, STR("Zoe")));
	/* What nobody had opened is unread. */
	int64_t unread;
	assert_int_equal(messages_count_unread(db, &ids[2], &unread), OK);
	assert_int_equal(unread, 1);
	store_read_end(db);
	store_fixture_release(&place);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		DB_TEST(only_what_is_missing_is_applied),
		DB_TEST(a_broken_migration_leaves_nothing_behind),
		DB_TEST(a_newer_schema_is_refused),
		DB_TEST(a_list_with_gaps_is_refused),
		DB_TEST(two_may_start_at_once),
		DB_TEST(older_messages_keep_their_recipients),
	};
	return engines_test_run("store", tests, sizeof(tests) / sizeof(tests[0]));
}
