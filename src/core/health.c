#include "core/health.h"

#include "core/backup_last.h"
#include "core/scanner.h"
#include "core/session.h"
#include "core/texts.h"
#include "store/blob.h"

#include <sys/statvfs.h>

static const struct {
	const char *word;
	enum text_id name;
} things[HEALTH_THINGS] = {
	[HEALTH_DATA] = {"data", TEXT_HEALTH_DATA},
	[HEALTH_FILES] = {"files", TEXT_HEALTH_FILES},
	[HEALTH_BACKUP] = {"backup", TEXT_HEALTH_BACKUP},
	[HEALTH_MAIL] = {"mail", TEXT_HEALTH_MAIL},
	[HEALTH_TEXTS] = {"texts", TEXT_HEALTH_TEXTS},
	[HEALTH_CERTIFICATE] = {"certificate", TEXT_HEALTH_CERTIFICATE},
	[HEALTH_DATABASE] = {"database", TEXT_HEALTH_DATABASE},
	[HEALTH_SCANNER] = {"virus_scanner", TEXT_HEALTH_SCANNER},
	[HEALTH_PDF] = {"documents", TEXT_HEALTH_PDF},
	[HEALTH_STAMP] = {"time_stamps", TEXT_HEALTH_STAMP},
};

const char *health_thing_word(enum health_thing thing)
{
	return things[thing].word;
}

struct str health_thing_name(const struct cx *cx, enum health_thing thing)
{
	return text_get(cx->language, things[thing].name);
}

const char *health_state_word(enum health_state state)
{
	static const char *const words[] = {
		[HEALTH_OFF] = "off",
		[HEALTH_GOOD] = "good",
		[HEALTH_SOON] = "soon",
		[HEALTH_BAD] = "bad",
	};
	return words[state];
}

/* ---- sentences ---- */

#define IS(id, ...) TEXT_FILL(cx->arena, cx->language, TEXT_HEALTH_##id, __VA_ARGS__)
#define PLAIN(id) text_get(cx->language, TEXT_HEALTH_##id)

static struct str size(const struct cx *cx, int64_t bytes)
{
	return format_size(cx->arena, cx->language, bytes);
}

static struct str when(const struct cx *cx, int64_t ms)
{
	struct str zone = cx->session ? cx->session->user.zone : STR_NONE;
	return format_date_time(cx->arena, cx->language, zone, ms);
}

static struct health_line line(enum health_state state, struct str is, struct str todo)
{
	return (struct health_line){.state = state, .is = is, .todo = todo};
}

/* ---- disks ---- */

static enum health_state disk_state(int64_t bytes, int64_t free_bytes)
{
	if (free_bytes < bytes / 100 * HEALTH_DISK_BAD_PERCENT &&
	    free_bytes < HEALTH_DISK_BAD_BYTES)
		return HEALTH_BAD;
	if (free_bytes < bytes / 100 * HEALTH_DISK_SOON_PERCENT &&
	    free_bytes < HEALTH_DISK_SOON_BYTES)
		return HEALTH_SOON;
	return HEALTH_GOOD;
}

static struct health_line disk_line(const struct cx *cx, int64_t bytes, int64_t free_bytes)
{
	enum health_state state = disk_state(bytes, free_bytes);
	return line(state,
		    IS(DISK_IS, TEXT_ARG("free", size(cx, free_bytes)),
		       TEXT_ARG("all", size(cx, bytes))),
		    state == HEALTH_GOOD ? STR_NONE : PLAIN(DISK_TODO));
}

static struct health_line look_at_data(const struct cx *cx)
{
	struct statvfs space;
	if (statvfs(arena_cstr(cx->arena, cx->portal->data_dir), &space) != 0)
		return line(HEALTH_BAD, PLAIN(DISK_UNKNOWN), PLAIN(DISK_UNKNOWN_TODO));
	return disk_line(cx, (int64_t)(space.f_blocks * space.f_frsize),
			 (int64_t)(space.f_bavail * space.f_frsize));
}

static struct health_line look_at_files(const struct cx *cx)
{
	int64_t bytes, free_bytes;
	enum err err = blob_space(cx->portal->blobs, &bytes, &free_bytes);
	if (err == ERR_NOT_FOUND)
		return line(HEALTH_OFF, PLAIN(FILES_ELSEWHERE), STR_NONE);
	if (err != OK)
		return line(HEALTH_BAD, PLAIN(DISK_UNKNOWN), PLAIN(DISK_UNKNOWN_TODO));
	return disk_line(cx, bytes, free_bytes);
}

/* ---- what was noted ---- */

static struct health_line look_at_backup(const struct cx *cx, int64_t made_ms)
{
	if (made_ms == 0)
		return line(HEALTH_SOON, PLAIN(BACKUP_NONE), PLAIN(BACKUP_TODO));
	struct str is = IS(BACKUP_IS, TEXT_ARG("time", when(cx, made_ms)));
	int64_t days = (cx_now_ms(cx) - made_ms) / DAY_MS;
	if (days < HEALTH_BACKUP_SOON_DAYS)
		return line(HEALTH_GOOD, is, STR_NONE);
	return line(days < HEALTH_BACKUP_BAD_DAYS ? HEALTH_SOON : HEALTH_BAD, is,
		    PLAIN(BACKUP_TODO));
}

static struct health_line look_at_mail(const struct cx *cx)
{
	const struct health_notes *notes = &cx->portal->health;
	int64_t at_ms = notes->mail_ms;
	if (notes->is_mail_folder)
		return line(HEALTH_SOON, PLAIN(MAIL_FOLDER), PLAIN(MAIL_FOLDER_TODO));
	if (at_ms == 0)
		return line(HEALTH_GOOD, PLAIN(MAIL_NOT_YET), STR_NONE);
	if (notes->is_mail_down)
		return line(HEALTH_BAD, IS(MAIL_DOWN, TEXT_ARG("time", when(cx, at_ms))),
			    PLAIN(MAIL_DOWN_TODO));
	return line(HEALTH_GOOD, IS(MAIL_IS, TEXT_ARG("time", when(cx, at_ms))), STR_NONE);
}

static struct health_line look_at_texts(const struct cx *cx, int64_t unchanged)
{
	if (unchanged > 0)
		return line(HEALTH_SOON, PLAIN(TEXTS_UNCHANGED), PLAIN(TEXTS_TODO));
	return line(HEALTH_GOOD, PLAIN(TEXTS_IS), STR_NONE);
}

static struct health_line look_at_certificate(const struct cx *cx)
{
	int64_t ends_ms = cx->portal->health.certificate_ms;
	int64_t left_ms = ends_ms - cx_now_ms(cx);
	if (ends_ms == 0)
		return str_starts_with(cx->portal->settings->url, STR("https:"))
			       ? line(HEALTH_OFF, PLAIN(CERTIFICATE_ELSEWHERE), STR_NONE)
			       : line(HEALTH_SOON, PLAIN(CERTIFICATE_NONE),
				      PLAIN(CERTIFICATE_NONE_TODO));
	if (left_ms <= 0)
		return line(HEALTH_BAD, IS(CERTIFICATE_ENDED, TEXT_ARG("time", when(cx, ends_ms))),
			    PLAIN(CERTIFICATE_TODO));
	struct str is = IS(CERTIFICATE_IS, TEXT_ARG("time", when(cx, ends_ms)));
	if (left_ms > HEALTH_CERTIFICATE_SOON_DAYS * DAY_MS)
		return line(HEALTH_GOOD, is, STR_NONE);
	return line(left_ms > HEALTH_CERTIFICATE_BAD_DAYS * DAY_MS ? HEALTH_SOON : HEALTH_BAD, is,
		    PLAIN(CERTIFICATE_TODO));
}

static struct health_line look_at_scanner(const struct cx *cx)
{
	const struct health_notes *notes = &cx->portal->health;
	bool is_wanted = cx->portal->settings->virus_scan != VIRUS_SCAN_OFF;
	if (cx->portal->scanner == NULL)
		return line(HEALTH_OFF, PLAIN(SCANNER_NONE), PLAIN(SCANNER_NONE_TODO));
	if (!is_wanted)
		return line(HEALTH_OFF, PLAIN(SCANNER_UNUSED), STR_NONE);
	if (notes->is_scanner_down)
		return line(HEALTH_BAD, PLAIN(SCANNER_DOWN), PLAIN(SCANNER_DOWN_TODO));
	return line(HEALTH_GOOD, PLAIN(SCANNER_IS), STR_NONE);
}

static struct health_line look_at_pdf(const struct cx *cx)
{
	if (!settings_have(cx->portal->settings, FEATURE_SIGNATURES))
		return line(HEALTH_OFF, PLAIN(PDF_UNUSED), STR_NONE);
	if (cx->portal->pdf == NULL)
		return line(HEALTH_BAD, PLAIN(PDF_NONE), PLAIN(PDF_TODO));
	return line(HEALTH_GOOD, PLAIN(PDF_IS), STR_NONE);
}

static struct health_line look_at_stamp(const struct cx *cx)
{
	const struct health_notes *notes = &cx->portal->health;
	int64_t at_ms = notes->stamp_ms;
	if (cx->portal->settings->timestamp_url.len == 0)
		return line(HEALTH_OFF, PLAIN(STAMP_NONE), STR_NONE);
	if (at_ms == 0)
		return line(HEALTH_GOOD, PLAIN(STAMP_NOT_YET), STR_NONE);
	if (notes->is_stamp_down)
		return line(HEALTH_SOON, IS(STAMP_DOWN, TEXT_ARG("time", when(cx, at_ms))),
			    PLAIN(STAMP_TODO));
	return line(HEALTH_GOOD, IS(STAMP_IS, TEXT_ARG("time", when(cx, at_ms))), STR_NONE);
}

enum err health_read(struct cx *cx, int64_t database_bytes, struct health_line ret[HEALTH_THINGS])
{
	int64_t backup_ms, texts_unchanged_count;
	TRY(backup_last(cx, &backup_ms));
	ret[HEALTH_DATA] = look_at_data(cx);
	ret[HEALTH_FILES] = look_at_files(cx);
	ret[HEALTH_BACKUP] = look_at_backup(cx, backup_ms);
	ret[HEALTH_MAIL] = look_at_mail(cx);
	TRY(texts_unchanged(cx, &texts_unchanged_count));
	ret[HEALTH_TEXTS] = look_at_texts(cx, texts_unchanged_count);
	ret[HEALTH_CERTIFICATE] = look_at_certificate(cx);
	ret[HEALTH_DATABASE] = line(
		HEALTH_GOOD,
		database_bytes > 0 ? IS(DATABASE_IS, TEXT_ARG("size", size(cx, database_bytes)))
				   : PLAIN(DATABASE_NOT_YET),
		STR_NONE);
	ret[HEALTH_SCANNER] = look_at_scanner(cx);
	ret[HEALTH_PDF] = look_at_pdf(cx);
	ret[HEALTH_STAMP] = look_at_stamp(cx);
	for (int i = 0; i < HEALTH_THINGS; i++)
		ret[i].thing = (enum health_thing)i;
	return OK;
}

void health_look(struct cx *cx)
{
	struct scanner *scanner = cx->portal->scanner;
	struct scan *scan = NULL;
	if (scanner == NULL)
		return;
	cx->portal->health.is_scanner_down = scanner->begin(scanner, &scan) != OK;
	cx->portal->health.scanner_ms = cx_now_ms(cx);
	scanner->free(scan);
}
