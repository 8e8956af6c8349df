#include "core/fault_plan.h"

#include "base/arena.h"
#include "crypto/secret.h"
#include "store/blob.h"
#include "store/db.h"

#include <stdatomic.h>
#include <stdlib.h>

const char *const fault_plan_names[FAULT_COUNT] = {"allocation", "query", "commit", "blob"};

static struct {
	_Atomic int left; /* until it fails; 0 and less: nothing does */
	enum fault fault;
	_Atomic bool has_failed;
} plan;

static bool fails(enum fault fault)
{
	if (plan.left <= 0 || plan.fault != fault || atomic_fetch_sub(&plan.left, 1) != 1)
		return false;
	plan.has_failed = true;
	return true;
}

void fault_plan_begin(enum fault fault, int n)
{
	plan.fault = fault;
	plan.has_failed = false;
	plan.left = n;
}

bool fault_plan_end(void)
{
	plan.left = 0;
	return plan.has_failed;
}

/* Reserved names: the linker's --wrap asks for them. */
void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__real_arena_alloc(struct arena *arena, size_t bytes);
void *__wrap_arena_alloc(struct arena *arena, size_t bytes);
void *__real_arena_array(struct arena *arena, size_t count, size_t bytes);
void *__wrap_arena_array(struct arena *arena, size_t count, size_t bytes);
struct str __real_arena_copy(struct arena *arena, struct str s);
struct str __wrap_arena_copy(struct arena *arena, struct str s);
enum err __real_secret_new(struct secret **ret);
enum err __wrap_secret_new(struct secret **ret);
enum err __real_secret_random(struct secret **ret);
enum err __wrap_secret_random(struct secret **ret);
enum err __real_db_select(struct db *db, struct rows *ret, const char *sql,
			  const struct param *params, size_t count);
enum err __wrap_db_select(struct db *db, struct rows *ret, const char *sql,
			  const struct param *params, size_t count);
enum err __real_db_run(struct db *db, const char *sql, const struct param *params, size_t count,
		       int64_t *ret_changes);
enum err __wrap_db_run(struct db *db, const char *sql, const struct param *params, size_t count,
		       int64_t *ret_changes);
enum err __real_store_transact(struct store *store, store_fn *fn, void *argument,
			       struct arena *arena);
enum err __wrap_store_transact(struct store *store, store_fn *fn, void *argument,
			       struct arena *arena);
enum err __real_blob_put_begin(struct blobs *blobs, const struct id *id, struct blob_put **ret);
enum err __wrap_blob_put_begin(struct blobs *blobs, const struct id *id, struct blob_put **ret);
enum err __real_blob_put_add(struct blob_put *put, struct str bytes);
enum err __wrap_blob_put_add(struct blob_put *put, struct str bytes);
enum err __real_blob_put_commit(struct blob_put *put, int64_t bytes);
enum err __wrap_blob_put_commit(struct blob_put *put, int64_t bytes);
enum err __real_blob_delete(struct blobs *blobs, const struct id *id);
enum err __wrap_blob_delete(struct blobs *blobs, const struct id *id);

void *__wrap_malloc(size_t bytes)
{
	return fails(FAULT_MEMORY) ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
	return fails(FAULT_MEMORY) ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
	return fails(FAULT_MEMORY) ? NULL : __real_realloc(old, bytes);
}

void *__wrap_arena_alloc(struct arena *arena, size_t bytes)
{
	if (!fails(FAULT_MEMORY))
		return __real_arena_alloc(arena, bytes);
	arena->failed = true;
	return NULL;
}

void *__wrap_arena_array(struct arena *arena, size_t count, size_t bytes)
{
	if (!fails(FAULT_MEMORY))
		return __real_arena_array(arena, count, bytes);
	arena->failed = true;
	return NULL;
}

struct str __wrap_arena_copy(struct arena *arena, struct str s)
{
	if (!fails(FAULT_MEMORY))
		return __real_arena_copy(arena, s);
	arena->failed = true;
	return STR_NONE;
}

enum err __wrap_secret_new(struct secret **ret)
{
	return fails(FAULT_MEMORY) ? ERR_UNAVAILABLE : __real_secret_new(ret);
}

enum err __wrap_secret_random(struct secret **ret)
{
	return fails(FAULT_MEMORY) ? ERR_UNAVAILABLE : __real_secret_random(ret);
}

enum err __wrap_db_select(struct db *db, struct rows *ret, const char *sql,
			  const struct param *params, size_t count)
{
	*ret = (struct rows){.db = db};
	return fails(FAULT_QUERY) ? ERR_UNAVAILABLE : __real_db_select(db, ret, sql, params, count);
}

enum err __wrap_db_run(struct db *db, const char *sql, const struct param *params, size_t count,
		       int64_t *ret_changes)
{
	return fails(FAULT_QUERY) ? ERR_UNAVAILABLE
				  : __real_db_run(db, sql, params, count, ret_changes);
}

struct rolled_back {
	store_fn *fn;
	void *argument;
};

/* All of it was written, and then the disk said no. */
static enum err run_and_lose(struct db *db, void *argument)
{
	const struct rolled_back *lost = argument;
	enum err err = lost->fn(db, lost->argument);
	return err == OK ? ERR_UNAVAILABLE : err;
}

enum err __wrap_store_transact(struct store *store, store_fn *fn, void *argument,
			       struct arena *arena)
{
	struct rolled_back lost = {fn, argument};
	if (fails(FAULT_COMMIT))
		return __real_store_transact(store, run_and_lose, &lost, arena);
	return __real_store_transact(store, fn, argument, arena);
}

enum err __wrap_blob_put_begin(struct blobs *blobs, const struct id *id, struct blob_put **ret)
{
	return fails(FAULT_BLOB) ? ERR_UNAVAILABLE : __real_blob_put_begin(blobs, id, ret);
}

/* The disk is full after half of it. */
enum err __wrap_blob_put_add(struct blob_put *put, struct str bytes)
{
	if (!fails(FAULT_BLOB))
		return __real_blob_put_add(put, bytes);
	enum err err = __real_blob_put_add(put, str_slice(bytes, 0, bytes.len / 2));
	return err == OK ? ERR_UNAVAILABLE : err;
}

enum err __wrap_blob_put_commit(struct blob_put *put, int64_t bytes)
{
	if (!fails(FAULT_BLOB))
		return __real_blob_put_commit(put, bytes);
	blob_put_abandon(put);
	return ERR_UNAVAILABLE;
}

enum err __wrap_blob_delete(struct blobs *blobs, const struct id *id)
{
	return fails(FAULT_BLOB) ? ERR_UNAVAILABLE : __real_blob_delete(blobs, id);
}
