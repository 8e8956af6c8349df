#include "crypto/openssl.h"

#include "base/log.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Some hundred keys at a time: an RSA key of 4096 bits takes about 3 KB, one for ECDSA 32 bytes. */
enum { LOCKED_BYTES = 256 * 1024, LOCKED_PIECE_BYTES = 32 };

/* OpenSSL may go on without memory that it did not get, and then say that a signature is wrong. */
static _Thread_local bool has_lacked_memory;

enum err openssl_refused(enum err otherwise)
{
	bool is_memory = has_lacked_memory;
	has_lacked_memory = false;
	for (unsigned long code; (code = ERR_get_error()) != 0;)
		is_memory = is_memory || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
	return is_memory ? ERR_UNAVAILABLE : otherwise;
}

enum err openssl_failed(const char *event, enum err otherwise)
{
	char words[256];
	ERR_error_string_n(ERR_peek_error(), words, sizeof(words));
	log_event(LOG_ERROR, event, LOG_CSTR("reason", words));
	return openssl_refused(otherwise);
}

static void *resize(void *memory, size_t bytes)
{
	void *resized = reallocarray(memory, bytes, 1);
	has_lacked_memory = has_lacked_memory || resized == NULL;
	return resized;
}

static void *allocate(size_t bytes, const char *file, int line)
{
	(void)file;
	(void)line;
	return bytes > 0 ? resize(NULL, bytes) : NULL;
}

/* OpenSSL wipes what it holds to be a secret, but not the buffers through which its decoders pass a
 * private key. */
static void wipe_and_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

static void *reallocate(void *memory, size_t bytes, const char *file, int line)
{
	if (bytes > 0)
		return resize(memory, bytes);
	wipe_and_free(memory, file, line);
	return NULL;
}

static void lock_keys(void)
{
	/* Only before its first allocation. */
	if (CRYPTO_set_mem_functions(allocate, reallocate, wipe_and_free) != 1)
		log_event(LOG_WARN, "openssl.not_wiped");
	int locked = CRYPTO_secure_malloc_initialized()
			     ? 1
			     : CRYPTO_secure_malloc_init(LOCKED_BYTES, LOCKED_PIECE_BYTES);
	if (locked != 1)
		log_event(LOG_WARN, "openssl.not_locked", LOG_CSTR("limit", "RLIMIT_MEMLOCK"));
}

void openssl_lock_keys(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, lock_keys);
}
