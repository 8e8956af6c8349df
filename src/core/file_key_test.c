/* Each key of a file opens for the one whom it was made for, there alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/file_key.h"

static struct arena arena;
static struct session session;
static struct cx cx;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	cx = (struct cx){.arena = &arena, .session = &session};
	session = (struct session){.user.id = id_new(1000)};
	bool is_set = crypto_init() == OK &&
		      keypair_new(&session.private_key, session.user.public_key) == OK &&
		      secret_random(&session.mailbox_key) == OK;
	return is_set ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	secret_free(session.private_key);
	secret_free(session.mailbox_key);
	arena_release(&arena);
	return secret_live() == 0 ? 0 : -1;
}

static enum err open_delivery(const struct file_delivery *delivery, struct secret **ret)
{
	return file_key_open(delivery, &session.user, session.private_key, session.mailbox_key,
			     ret);
}

static void owners_open_what_they_uploaded(void **state)
{
	(void)state;
	struct file file = {.id = id_new(2000), .owner_id = session.user.id};
	struct secret *key CLEANUP_SECRET = NULL, *opened CLEANUP_SECRET = NULL, *none = NULL;
	assert_int_equal(secret_random(&key), OK);
	assert_int_equal(file_key_wrap_owner(&cx, &file.id, key, &file.owner_wrapped), OK);
	assert_int_equal(file_key_open_owner(&cx, &file, &opened), OK);
	assert_memory_equal(opened->bytes, key->bytes, KEY_BYTES);

	struct file other = file;
	other.id = id_new(3000);
	assert_int_equal(file_key_open_owner(&cx, &other, &none), ERR_CORRUPT);
	other = file;
	other.owner_wrapped = STR_NONE;
	assert_int_equal(file_key_open_owner(&cx, &other, &none), ERR_NOT_FOUND);
	other = file;
	other.owner_id = id_new(3000);
	assert_int_equal(file_key_open_owner(&cx, &other, &none), ERR_NOT_FOUND);
}

static void readers_open_what_they_were_given(void **state)
{
	(void)state;
	for (int is_wrapped = 0; is_wrapped < 2; is_wrapped++) {
		struct file_delivery delivery = {
			.message_id = id_new(2000),
			.file_id = id_new(2001),
			.user_id = session.user.id,
		};
		struct secret *key CLEANUP_SECRET = NULL, *opened CLEANUP_SECRET = NULL,
				   *none = NULL;
		assert_int_equal(secret_random(&key), OK);
		if (is_wrapped)
			assert_int_equal(file_key_wrap(&cx, &delivery, session.mailbox_key, key,
						       &delivery.wrapped),
					 OK);
		else
			assert_int_equal(file_key_seal(&cx, &delivery.message_id, &delivery.file_id,
						       &session.user, key, &delivery.sealed),
					 OK);
		assert_int_equal(open_delivery(&delivery, &opened), OK);
		assert_memory_equal(opened->bytes, key->bytes, KEY_BYTES);

		struct file_delivery other = delivery;
		other.message_id = id_new(3000);
		assert_int_equal(open_delivery(&other, &none), ERR_CORRUPT);
		other = delivery;
		other.file_id = id_new(3000);
		assert_int_equal(open_delivery(&other, &none), ERR_CORRUPT);
		/* The two ids in each other's place. */
		other = delivery;
		other.file_id = delivery.message_id;
		other.message_id = delivery.file_id;
		assert_int_equal(open_delivery(&other, &none), ERR_CORRUPT);
		/* One kind taken for the other; none at all. */
		other = delivery;
		other.sealed = delivery.wrapped;
		other.wrapped = delivery.sealed;
		assert_int_equal(open_delivery(&other, &none), ERR_CORRUPT);
		other.sealed = other.wrapped = STR_NONE;
		assert_int_equal(open_delivery(&other, &none), ERR_CORRUPT);
		/* Somebody else. */
		struct user user = session.user;
		user.id = id_new(3000);
		assert_int_equal(file_key_open(&delivery, &user, session.private_key,
					       session.mailbox_key, &none),
				 ERR_CORRUPT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(owners_open_what_they_uploaded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(readers_open_what_they_were_given, set_up,
						tear_down),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
