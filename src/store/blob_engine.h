/* For store/blob*.c: what each kind of blob store does. blob.h says what it means. */
#pragma once

#include "store/blob.h"

struct blob_engine {
	void (*close)(struct blobs *blobs);
	enum err (*put_begin)(struct blobs *blobs, const struct id *id, struct blob_put **ret);
	enum err (*put_add)(struct blob_put *put, struct str bytes);
	enum err (*put_commit)(struct blob_put *put, int64_t bytes);
	void (*put_abandon)(struct blob_put *put);
	enum err (*get)(struct blobs *blobs, const struct id *id, int64_t offset, size_t bytes,
			void *room);
	enum err (*delete_one)(struct blobs *blobs, const struct id *id);
	enum err (*list)(struct blobs *blobs, struct arena *arena, const struct id *after,
			 size_t limit, struct blob_entry **ret, size_t *ret_count);
	/* NULL: it knows no end. */
	enum err (*space)(struct blobs *blobs, int64_t *ret_bytes, int64_t *ret_free);
};

/* The engines' own structs begin with these. */
struct blobs {
	const struct blob_engine *engine;
};
struct blob_put {
	struct blobs *blobs;
};

/* blob_dir.c: `path` is a folder. */
enum err blob_dir_open(struct str path, struct blobs **ret) MUST_CHECK;
