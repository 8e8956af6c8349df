#include "core/upload_scan.h"

#include "base/log.h"
#include "core/file_parts.h"
#include "core/scanner.h"

#include <stdlib.h>

struct upload_scan {
	struct scanner *scanner;
	const struct file *file;
	const struct secret *file_key;
	bool is_live; /* the request brings all of the file */
	struct scan *live;
	int64_t live_bytes;
	enum err live_err; /* ERR_TOO_LARGE: it knows already */
};

enum err upload_scan_begin(struct cx *cx, const struct file *file, const struct secret *file_key,
			   int64_t offset, int64_t bytes, struct upload_scan **ret)
{
	struct upload_scan *scan = NULL;
	struct scanner *scanner = cx->portal->scanner;
	if (scanner && cx->portal->settings->virus_scan != VIRUS_SCAN_OFF) {
		scan = calloc(1, sizeof(*scan));
		if (scan == NULL)
			return ERR_UNAVAILABLE;
		*scan = (struct upload_scan){
			.scanner = scanner,
			.file = file,
			.file_key = file_key,
			.is_live = offset == 0 &&
				   (bytes < 0 || file->bytes < 0 || bytes == file->bytes)};
	}
	*ret = scan;
	return OK;
}

void upload_scan_add(struct upload_scan *scan, struct str bytes)
{
	if (scan == NULL || !scan->is_live || scan->live_err != OK || bytes.len == 0)
		return;
	if (scan->live == NULL)
		scan->live_err = scan->scanner->begin(scan->scanner, &scan->live);
	if (scan->live_err == OK)
		scan->live_err = scan->scanner->add(scan->live, bytes);
	scan->live_bytes += (int64_t)bytes.len;
}

void upload_scan_free(struct upload_scan *scan)
{
	if (scan == NULL)
		return;
	scan->scanner->free(scan->live);
	free(scan);
}

/* ---- the end ---- */

struct end {
	struct upload_scan *scan;
	const struct file_part *last; /* without rows */
	size_t last_count;
};

/* ERR_UNAVAILABLE: no use; a look at the parts may be one. */
static enum err finish_live(const struct end *end, struct scan_result *ret)
{
	const struct upload_scan *scan = end->scan;
	const struct file_part *last = end->last_count ? &end->last[end->last_count - 1] : NULL;
	if (scan->live_err != OK && scan->live_err != ERR_TOO_LARGE)
		return scan->live_err;
	bool is_whole = last == NULL || last->offset + last->bytes == scan->live_bytes;
	if (scan->live == NULL || (scan->live_err == OK && !is_whole))
		return ERR_UNAVAILABLE;
	return scan->scanner->finish(scan->live, ret);
}

struct feeding {
	struct scanner *scanner;
	struct scan *scan;
};

static enum err feed(void *argument, struct str bytes)
{
	const struct feeding *feeding = argument;
	return feeding->scanner->add(feeding->scan, bytes);
}

static enum err read_rows(struct cx *cx, const struct id *file_id, struct file_part **ret,
			  size_t *ret_count)
{
	CLEANUP_READ struct db *db = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	return files_parts(db, cx->arena, file_id, ret, ret_count);
}

static enum err look_at_parts(const struct end *end, struct cx *cx, struct scan_result *ret)
{
	const struct upload_scan *scan = end->scan;
	struct feeding feeding = {.scanner = scan->scanner};
	struct blobs *blobs = cx->portal->blobs;
	struct file_part *rows;
	size_t count;
	TRY(read_rows(cx, &scan->file->id, &rows, &count));
	TRY(scan->scanner->begin(scan->scanner, &feeding.scan));
	enum err err = file_parts_read(blobs, scan->file_key, rows, count, feed, &feeding);
	if (err == OK)
		err = file_parts_read(blobs, scan->file_key, end->last, end->last_count, feed,
				      &feeding);
	if (err == OK || err == ERR_TOO_LARGE)
		err = scan->scanner->finish(feeding.scan, ret);
	scan->scanner->free(feeding.scan);
	return err;
}

static void log_not_scanned(const struct file *file, const char *reason)
{
	log_event(LOG_WARN, "file.not_scanned", LOG_STR("file", id_str(&file->id)),
		  LOG_STR("user", id_str(&file->owner_id)), LOG_CSTR("reason", reason));
}

static enum err conclude(const struct file *file, enum virus_scan setting,
			 const struct scan_result *result, enum file_scan *ret)
{
	bool is_refused = setting == VIRUS_SCAN_REFUSE;
	switch (result->verdict) {
	case SCAN_CLEAN: *ret = FILE_SCAN_CLEAN; return OK;
	case SCAN_TOO_LARGE:
		log_not_scanned(file, "too_large");
		*ret = FILE_SCAN_UNKNOWN;
		return OK;
	case SCAN_INFECTED: break;
	}
	log_event(LOG_WARN, "file.infected", LOG_STR("file", id_str(&file->id)),
		  LOG_STR("user", id_str(&file->owner_id)),
		  LOG_CSTR("signature", result->signature),
		  LOG_CSTR("done", is_refused ? "refused" : "marked"));
	*ret = FILE_SCAN_INFECTED;
	return is_refused ? ERR_DENIED : OK;
}

enum err upload_scan_finish(struct upload_scan *scan, struct cx *cx, const struct file_part *last,
			    size_t last_count, enum file_scan *ret)
{
	struct end end = {.scan = scan, .last = last, .last_count = last_count};
	enum virus_scan setting = cx->portal->settings->virus_scan;
	struct scan_result result;
	if (scan == NULL) {
		*ret = FILE_SCAN_NONE;
		return OK;
	}
	enum err err = finish_live(&end, &result);
	if (err == ERR_UNAVAILABLE)
		err = look_at_parts(&end, cx, &result);
	if (err == OK)
		return conclude(scan->file, setting, &result, ret);
	log_not_scanned(scan->file, err_name(err));
	*ret = FILE_SCAN_UNKNOWN;
	return setting == VIRUS_SCAN_REFUSE ? ERR_UNAVAILABLE : OK;
}
