#include "crypto/secret.h"

#include "base/log.h"
#include "base/random.h"
#include "crypto/openssl.h"

#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* A slab and libsodium's canary of 16 bytes fill four pages; the guard pages around it are not
 * locked. */
enum { SLAB_BYTES = 4 * 4096 - 32, SLAB_SLOTS = SLAB_BYTES / KEY_BYTES };

/* A slot that nobody owns holds the link to the next one, and is otherwise zero. */
union slot {
	struct secret secret;
	union slot *next;
};
_Static_assert(sizeof(union slot) == KEY_BYTES, "a slot is exactly a key");

/* One pool for the process: locked memory is a resource of the process, like its file descriptors.
 */
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static union slot *pool_free;
static size_t pool_live;
static bool pool_has_warned;

static enum err add_slab(void)
{
	union slot *slab = sodium_malloc(SLAB_BYTES);
	if (slab == NULL)
		return ERR_UNAVAILABLE;
	/* sodium_malloc does not say whether it could lock, so we ask again. Without the lock a key
	 * might reach the swap; that is worth a warning, not a portal that does not start. */
	if (sodium_mlock(slab, SLAB_BYTES) != 0 && !pool_has_warned) {
		pool_has_warned = true;
		log_event(LOG_WARN, "secret.not_locked", LOG_CSTR("limit", "RLIMIT_MEMLOCK"));
	}
	sodium_memzero(slab, SLAB_BYTES);
	for (size_t i = 0; i < SLAB_SLOTS; i++) {
		slab[i].next = pool_free;
		pool_free = &slab[i];
	}
	ASAN_POISON_MEMORY_REGION(slab, SLAB_BYTES);
	return OK;
}

enum err crypto_init(void)
{
	if (sodium_init() < 0)
		return ERR_INTERNAL;
	/* Neither keys nor the text under them may be left in a core file; the second call also
	 * stops dumps that are piped to a program, which ignore the limit. */
	const struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		log_event(LOG_WARN, "crypto.core_dumps_on");
	openssl_lock_keys();
	struct secret *first;
	TRY(secret_new(&first));
	secret_free(first);
	return OK;
}

enum err secret_new(struct secret **ret)
{
	pthread_mutex_lock(&pool_lock);
	enum err err = pool_free ? OK : add_slab();
	if (err == OK) {
		union slot *slot = pool_free;
		ASAN_UNPOISON_MEMORY_REGION(slot, sizeof(*slot));
		pool_free = slot->next;
		pool_live++;
		slot->next = NULL;
		*ret = &slot->secret;
	}
	pthread_mutex_unlock(&pool_lock);
	return err;
}

enum err secret_random(struct secret **ret)
{
	struct secret *secret;
	TRY(secret_new(&secret));
	random_fill(secret->bytes, KEY_BYTES);
	*ret = secret;
	return OK;
}

enum err secret_copy(struct str bytes, struct secret **ret)
{
	if (bytes.len != KEY_BYTES)
		return ERR_INVALID;
	struct secret *secret;
	TRY(secret_new(&secret));
	memcpy(secret->bytes, bytes.data, KEY_BYTES);
	*ret = secret;
	return OK;
}

void secret_free(struct secret *secret)
{
	if (secret == NULL)
		return;
	union slot *slot = (union slot *)secret;
	sodium_memzero(slot, sizeof(*slot));
	pthread_mutex_lock(&pool_lock);
	slot->next = pool_free;
	pool_free = slot;
	pool_live--;
	ASAN_POISON_MEMORY_REGION(slot, sizeof(*slot));
	pthread_mutex_unlock(&pool_lock);
}

size_t secret_live(void)
{
	pthread_mutex_lock(&pool_lock);
	size_t live = pool_live;
	pthread_mutex_unlock(&pool_lock);
	return live;
}
