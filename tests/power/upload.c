#include "power/upload.h"

#include "core/file_key.h"
#include "core/file_parts.h"
#include "core/upload.h"

/* Requests that do not end with a chunk, so that the last byte of each counts. */
enum { REQUESTS = 3, REQUEST_BYTES = 50000, BYTES = REQUESTS * REQUEST_BYTES };

/* Of the file with this id, from there on. */
static void fill(const struct id *id, int64_t at, char *room, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, at++)
		room[i] = (char)(id->text[at % ID_CHARS] + at / ID_CHARS);
}

static enum err request(struct cx *cx, const struct id *id, int64_t from, int64_t *ret_offset)
{
	char bytes[REQUEST_BYTES];
	struct upload *upload;
	fill(id, from, bytes, sizeof(bytes));
	TRY(upload_begin(cx, id, from, sizeof(bytes), NULL, &upload));
	enum err err = upload_take(upload, str_bytes(bytes, sizeof(bytes)));
	if (err == OK)
		err = upload_end(upload, UPLOAD_SENT, ret_offset);
	upload_free(upload);
	return err;
}

enum err upload_one(struct cx *cx,
		    void (*tell)(void *argument, const struct id *id, int64_t offset),
		    void *argument)
{
	struct form_errors errors = {0};
	struct id id;
	int64_t offset = 0;
	TRY(upload_create(cx, STR("power.bin"), STR("application/octet-stream"), BYTES, &id,
			  &errors));
	tell(argument, &id, 0);
	while (offset < BYTES) {
		TRY(request(cx, &id, offset, &offset));
		tell(argument, &id, offset);
	}
	return OK;
}

struct comparing {
	const struct id *id;
	int64_t at;
	bool is_wrong;
};

static enum err compare(void *argument, struct str bytes)
{
	struct comparing *comparing = argument;
	char expected[BYTES];
	if (bytes.len > sizeof(expected))
		return ERR_TOO_LARGE;
	fill(comparing->id, comparing->at, expected, bytes.len);
	comparing->is_wrong |= !str_eq(bytes, str_bytes(expected, bytes.len));
	comparing->at += (int64_t)bytes.len;
	return OK;
}

/* What is not there or damaged is a fault, not an error. */
static enum err read_back(struct cx *cx, const struct upload_promise *promise, struct file *file,
			  struct comparing *comparing)
{
	struct db *db CLEANUP_READ = NULL;
	struct secret *key CLEANUP_SECRET = NULL;
	struct file_part *parts;
	size_t count;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(files_get(db, cx->arena, &promise->id, file));
	TRY(files_parts(db, cx->arena, &promise->id, &parts, &count));
	TRY(file_key_open_owner(cx, file, &key));
	return file_parts_read(cx->portal->blobs, key, parts, count, compare, comparing);
}

enum err upload_look(struct cx *cx, const struct upload_promise *promise, const char **ret_fault)
{
	struct comparing comparing = {.id = &promise->id};
	struct file file = {.state = FILE_UNFINISHED};
	enum err err = read_back(cx, promise, &file, &comparing);
	*ret_fault = NULL;
	if (err == ERR_NOT_FOUND)
		*ret_fault = "is lost";
	else if (err == ERR_CORRUPT)
		*ret_fault = "is damaged";
	else if (err != OK)
		return err;
	else if (comparing.at < promise->offset)
		*ret_fault = "is shorter than was acknowledged";
	else if (comparing.is_wrong)
		*ret_fault = "has other bytes than were sent";
	else if (promise->offset == BYTES && file.state != FILE_READY)
		*ret_fault = "was acknowledged to its end and is not ready";
	return OK;
}
