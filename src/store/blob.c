#include "store/blob_engine.h"

enum err blobs_open(struct str url, struct blobs **ret)
{
	if (!str_starts_with(url, STR("dir:")))
		return ERR_INVALID;
	return blob_dir_open(str_slice(url, 4, url.len), ret);
}

void blobs_close(struct blobs *blobs)
{
	if (blobs)
		blobs->engine->close(blobs);
}

enum err blob_put_begin(struct blobs *blobs, const struct id *id, struct blob_put **ret)
{
	if (id_is_empty(id))
		return ERR_INVALID;
	return blobs->engine->put_begin(blobs, id, ret);
}

enum err blob_put_add(struct blob_put *put, struct str bytes)
{
	return put->blobs->engine->put_add(put, bytes);
}

enum err blob_put_commit(struct blob_put *put, int64_t bytes)
{
	return put->blobs->engine->put_commit(put, bytes);
}

void blob_put_abandon(struct blob_put *put)
{
	if (put)
		put->blobs->engine->put_abandon(put);
}

enum err blob_get(struct blobs *blobs, const struct id *id, int64_t offset, size_t bytes,
		  void *room)
{
	if (id_is_empty(id))
		return ERR_NOT_FOUND;
	return blobs->engine->get(blobs, id, offset, bytes, room);
}

enum err blob_delete(struct blobs *blobs, const struct id *id)
{
	return id_is_empty(id) ? OK : blobs->engine->delete_one(blobs, id);
}

enum err blob_list(struct blobs *blobs, struct arena *arena, const struct id *after, size_t limit,
		   struct blob_entry **ret, size_t *ret_count)
{
	return blobs->engine->list(blobs, arena, after, limit, ret, ret_count);
}

enum err blob_space(struct blobs *blobs, int64_t *ret_bytes, int64_t *ret_free)
{
	if (blobs->engine->space == NULL)
		return ERR_NOT_FOUND;
	return blobs->engine->space(blobs, ret_bytes, ret_free);
}
