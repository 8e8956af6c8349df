/* Bearer tokens and recovery codes as anybody may send them. */
#include "crypto/token.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool is_ready;
	if (!is_ready)
		check(crypto_init() == OK);
	is_ready = true;

	struct str text = str_bytes(data, size);
	struct token token = {0};
	if (token_parse(text, &token) == OK) {
		struct arena arena;
		arena_init(&arena, 64 << 10);
		check(str_eq(token_text(&token, &arena), text));
		arena_release(&arena);
	} else {
		check(token.secret == NULL);
	}
	token_release(&token);

	struct secret *key = NULL;
	enum err err = recovery_code_key(text, &key);
	check((err == OK) == (key != NULL) && (err == OK || err == ERR_INVALID));
	secret_free(key);
	check(secret_live() == 0);
	return 0;
}
