#include "mail/zip.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct zip {
	struct archive *archive;
	locale_t utf8;  /* libarchive asks the thread's locale how file names are to be read */
	struct buf out; /* what it has written and nobody has taken */
	size_t out_at;
};

static la_ssize_t write_out(struct archive *archive, void *argument, const void *bytes, size_t len)
{
	struct zip *zip = argument;
	buf_add(&zip->out, str_bytes(bytes, len));
	if (zip->out.err == OK)
		return (la_ssize_t)len;
	archive_set_error(archive, ENOMEM, "no room");
	return -1;
}

static enum err check(struct zip *zip, int result)
{
	if (result >= ARCHIVE_WARN)
		return OK;
	const char *why = archive_error_string(zip->archive);
	log_event(LOG_ERROR, "zip.archive", LOG_CSTR("why", why ? why : ""));
	return zip->out.err != OK ? zip->out.err : ERR_INTERNAL;
}

static enum err start(struct zip *zip)
{
	struct archive *archive = zip->archive;
	TRY(check(zip, archive_write_set_format_zip(archive)));
	TRY(check(zip, archive_write_set_format_option(archive, "zip", "hdrcharset", "UTF-8")));
	/* No padding, and nothing kept back. */
	TRY(check(zip, archive_write_set_bytes_per_block(archive, 0)));
	TRY(check(zip, archive_write_set_bytes_in_last_block(archive, 1)));
	return check(zip, archive_write_open2(archive, zip, NULL, write_out, NULL, NULL));
}

static enum err begin(struct zip *zip)
{
	zip->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	zip->archive = archive_write_new();
	if (zip->utf8 == (locale_t)0 || zip->archive == NULL)
		return ERR_UNAVAILABLE;
	locale_t before = uselocale(zip->utf8);
	enum err err = start(zip);
	uselocale(before);
	return err;
}

enum err zip_new(size_t names_bytes, struct zip **ret)
{
	struct zip *zip = calloc(1, sizeof(*zip));
	if (zip == NULL)
		return ERR_UNAVAILABLE;
	buf_init(&zip->out, names_bytes);
	enum err err = begin(zip);
	if (err != OK)
		zip_free(zip);
	else
		*ret = zip;
	return err;
}

void zip_free(struct zip *zip)
{
	if (zip == NULL)
		return;
	/* Closing an archive that was left in the middle writes its end: into `out`, for nobody. */
	archive_write_free(zip->archive);
	if (zip->utf8 != (locale_t)0)
		freelocale(zip->utf8);
	buf_release(&zip->out);
	free(zip);
}

/* ---- entries ---- */

static enum err write_header(struct zip *zip, const struct zip_entry *from, const char *path)
{
	struct archive_entry *entry = archive_entry_new();
	if (entry == NULL)
		return ERR_UNAVAILABLE;
	archive_entry_set_pathname_utf8(entry, path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0600);
	archive_entry_set_size(entry, (la_int64_t)from->bytes);
	archive_entry_set_mtime(entry, from->time_ms / SECOND_MS, 0);
	enum err err = check(zip, from->is_compressed
					  ? archive_write_zip_set_compression_deflate(zip->archive)
					  : archive_write_zip_set_compression_store(zip->archive));
	if (err == OK)
		err = check(zip, archive_write_header(zip->archive, entry));
	archive_entry_free(entry);
	return err;
}

enum err zip_begin_entry(struct zip *zip, const struct zip_entry *entry)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, LIMIT_BODY_SMALL);
	const char *path = arena_cstr(&arena, entry->path);
	if (path == NULL)
		return ERR_UNAVAILABLE;
	locale_t before = uselocale(zip->utf8);
	enum err err = write_header(zip, entry, path);
	uselocale(before);
	return err;
}

enum err zip_add(struct zip *zip, struct str bytes)
{
	if (archive_write_data(zip->archive, bytes.data, bytes.len) == (la_ssize_t)bytes.len)
		return OK;
	return check(zip, ARCHIVE_FATAL);
}

enum err zip_end_entry(struct zip *zip)
{
	return check(zip, archive_write_finish_entry(zip->archive));
}

enum err zip_close(struct zip *zip)
{
	locale_t before = uselocale(zip->utf8);
	enum err err = check(zip, archive_write_close(zip->archive));
	uselocale(before);
	return err;
}

/* ---- */

bool zip_has_output(const struct zip *zip)
{
	return zip->out.len > zip->out_at;
}

enum err zip_take(struct zip *zip, struct buf *piece)
{
	struct str rest = str_slice(buf_str(&zip->out), zip->out_at, piece->max_bytes - piece->len);
	buf_add(piece, rest);
	zip->out_at += rest.len;
	if (zip->out_at == zip->out.len) {
		buf_clear(&zip->out);
		zip->out_at = 0;
	}
	return piece->err;
}

/* ---- names ---- */

struct str zip_safe_name(struct arena *arena, struct str name)
{
	static const char traps[] = "/\\:*?\"<>|";
	struct str copy = arena_copy(arena, name);
	char *text = (char *)(uintptr_t)copy.data;
	for (size_t i = 0; i < copy.len; i++) {
		if (strchr(traps, text[i]) || (unsigned char)text[i] < ' ')
			text[i] = '-';
	}
	/* "." and ".." are folders. */
	for (size_t i = 0; i < copy.len && text[i] == '.'; i++)
		text[i] = '_';
	return str_trim(copy);
}

static bool is_taken(struct str name, const struct str *taken, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq_nocase(name, taken[i]))
			return true;
	}
	return false;
}

/* Where its ending begins: at the last dot. */
static size_t find_ending(struct str name)
{
	for (size_t i = name.len; i > 1; i--)
		if (name.data[i - 1] == '.')
			return i - 1;
	return name.len;
}

/* How many may be this name with a number. */
static size_t count_numbered(struct str name, const struct str *taken, size_t count)
{
	size_t dot = find_ending(name), ending = name.len - dot, numbered = 0;
	for (size_t i = 0; i < count; i++) {
		struct str other = taken[i];
		numbered += other.len > name.len &&
			    str_eq_nocase(str_slice(other, 0, dot), str_slice(name, 0, dot)) &&
			    str_eq_nocase(str_slice(other, other.len - ending, other.len),
					  str_slice(name, dot, name.len));
	}
	return numbered;
}

/* Before its ending. */
static struct str numbered(struct arena *arena, struct str name, size_t number)
{
	size_t dot = find_ending(name);
	return arena_printf(arena, "%.*s (%zu)%.*s", (int)dot, name.data, number,
			    (int)(name.len - dot), name.data + dot);
}

struct str zip_other_name(struct arena *arena, struct str name, const struct str *taken,
			  size_t count)
{
	struct str other = name;
	if (!is_taken(name, taken, count))
		return name;
	/* A thousand of one name are not tried one by one. */
	for (size_t number = 2 + count_numbered(name, taken, count); is_taken(other, taken, count);
	     number++) {
		other = numbered(arena, name, number);
		if (arena->failed)
			break;
	}
	return other;
}
