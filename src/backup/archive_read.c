#include "backup/archive_text.h"
#include "backup/ustar.h"
#include "base/encode.h"
#include "base/limits.h"
#include "base/log.h"
#include "crypto/chunks.h"
#include "store/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOB_MAX_BYTES = LIMIT_FILE_PART_BYTES + (1 << 20) };

struct archive_reader {
	int fd;
	int64_t total;    /* bytes of the file */
	int64_t position; /* in it */
	struct arena *arena;
	struct str label_text;
	struct archive_label label;
	char *piece; /* ARCHIVE_PIECE_BYTES */
	const struct archive_sink *sink;
	struct archive_sums sums;
	bool has_blobs;
};

/* Exactly so many bytes. ERR_CORRUPT: it ends before. */
static enum err get(struct archive_reader *reader, void *room, size_t bytes)
{
	size_t done = 0;
	while (done < bytes) {
		ssize_t got = read(reader->fd, (char *)room + done, bytes - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_UNAVAILABLE;
		if (got == 0)
			return ERR_CORRUPT;
		done += (size_t)got;
	}
	reader->position += (int64_t)bytes;
	return OK;
}

static enum err get_zeros(struct archive_reader *reader, size_t bytes)
{
	static const uint8_t zeros[USTAR_END_BYTES];
	uint8_t room[USTAR_END_BYTES];
	TRY(get(reader, room, bytes));
	return memcmp(room, zeros, bytes) == 0 ? OK : ERR_CORRUPT;
}

static enum err get_head(struct archive_reader *reader, struct ustar *ret)
{
	uint8_t block[USTAR_BLOCK];
	TRY(get(reader, block, sizeof(block)));
	if (!ustar_read(block, ret))
		return ERR_CORRUPT;
	return ret->bytes <= reader->total - reader->position ? OK : ERR_CORRUPT;
}

/* A small one, in memory. */
static enum err get_small(struct archive_reader *reader, const struct ustar *head, size_t max_bytes,
			  struct buf *out)
{
	if (head->bytes > (int64_t)max_bytes)
		return ERR_CORRUPT;
	buf_init(out, max_bytes + 1);
	char *room = buf_reserve(out, (size_t)head->bytes + 1);
	if (room == NULL)
		return ERR_UNAVAILABLE;
	TRY(get(reader, room, (size_t)head->bytes));
	out->len += (size_t)head->bytes;
	return get_zeros(reader, ustar_padding(head->bytes));
}

/* ---- the label ---- */

static bool take_line(struct str *rest, const char *word, struct str *ret)
{
	struct str line, name;
	if (!str_next(rest, '\n', &line) || !str_next(&line, ' ', &name))
		return false;
	*ret = line;
	return str_eq(name, str_of(word));
}

static bool take_number(struct str *rest, const char *word, int64_t *ret)
{
	struct str text;
	int64_t number = 0;
	if (!take_line(rest, word, &text) || text.len == 0 || text.len > 15)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		number = number * 10 + (text.data[i] - '0');
	}
	*ret = number;
	return true;
}

/* Whether it is the same byte for byte will be seen with the key. */
static enum err parse_label(struct archive_reader *reader)
{
	struct str rest = reader->label_text, line, public_key, name, mac;
	struct archive_label *label = &reader->label;
	if (!str_next(&rest, '\n', &line) || !str_eq(line, STR("postern backup 1")) ||
	    !take_number(&rest, "at", &label->at_ms) ||
	    !take_number(&rest, "schema", &label->schema) ||
	    !take_line(&rest, "portal", &public_key) || !take_line(&rest, "name", &name) ||
	    !take_line(&rest, "mac", &mac) || rest.len > 0 ||
	    decode_base64url(reader->arena, public_key, &label->portal_public) != OK ||
	    decode_base64url(reader->arena, name, &label->name) != OK)
		return ERR_INVALID;
	return OK;
}

static enum err read_label(struct archive_reader *reader)
{
	struct ustar head;
	struct buf text CLEANUP_BUF = {0};
	enum err err = get_head(reader, &head);
	if (err == OK && strcmp(head.name, ARCHIVE_LABEL_NAME) == 0)
		err = get_small(reader, &head, ARCHIVE_LABEL_MAX, &text);
	else if (err == OK)
		err = ERR_INVALID;
	if (err != OK)
		return err == ERR_CORRUPT ? ERR_INVALID : err;
	reader->label_text = arena_copy(reader->arena, buf_str(&text));
	if (reader->arena->failed)
		return ERR_UNAVAILABLE;
	TRY(parse_label(reader));
	return head.at_ms == reader->label.at_ms / 1000 * 1000 ? OK : ERR_INVALID;
}

/* ---- */

static enum err open_file(struct archive_reader *reader, const char *path)
{
	struct stat info;
	reader->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (reader->fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE;
	if (fstat(reader->fd, &info) != 0)
		return ERR_UNAVAILABLE;
	reader->total = info.st_size;
	return S_ISREG(info.st_mode) ? OK : ERR_INVALID;
}

enum err archive_open(const char *path, struct arena *arena, struct archive_reader **ret,
		      struct archive_label *ret_label)
{
	struct archive_reader *reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return ERR_UNAVAILABLE;
	reader->arena = arena;
	reader->fd = -1;
	reader->piece = malloc(ARCHIVE_PIECE_BYTES);
	enum err err = reader->piece ? open_file(reader, path) : ERR_UNAVAILABLE;
	if (err == OK)
		err = read_label(reader);
	if (err != OK) {
		archive_release(reader);
		return err;
	}
	*ret_label = reader->label;
	*ret = reader;
	return OK;
}

enum err archive_rewind(struct archive_reader *reader)
{
	struct ustar head;
	struct buf text CLEANUP_BUF = {0};
	if (lseek(reader->fd, 0, SEEK_SET) < 0)
		return ERR_UNAVAILABLE;
	reader->position = 0;
	reader->has_blobs = false;
	TRY(get_head(reader, &head));
	TRY(get_small(reader, &head, ARCHIVE_LABEL_MAX, &text));
	return str_eq(buf_str(&text), reader->label_text) ? OK : ERR_CORRUPT;
}

void archive_release(struct archive_reader *reader)
{
	if (reader == NULL)
		return;
	if (reader->fd >= 0)
		close(reader->fd);
	free(reader->piece);
	free(reader);
}

/* ---- what comes after it ---- */

static void say_progress(struct archive_reader *reader)
{
	if (reader->sink && reader->sink->progress)
		reader->sink->progress(reader->sink->argument, reader->position, reader->total);
}

static enum err read_segment(struct archive_reader *reader, const struct ustar *head)
{
	struct buf bytes CLEANUP_BUF = {0};
	char name[ARCHIVE_NAME_MAX];
	snprintf(name, sizeof(name), "database/%06lld",
		 (long long)reader->sums.counts.segments + 1);
	if (reader->has_blobs || strcmp(name, head->name) != 0)
		return ERR_CORRUPT;
	TRY(get_small(reader, head, DUMP_SEGMENT_MAX, &bytes));
	archive_sums_begin(&reader->sums, head->name);
	archive_sums_add(&reader->sums, buf_str(&bytes));
	archive_sums_end(&reader->sums, head->name, head->bytes);
	reader->sums.counts.segments++;
	say_progress(reader);
	return reader->sink ? reader->sink->segment(reader->sink->argument, buf_str(&bytes)) : OK;
}

/* "files/AB/ID", where AB are the last two characters of the id. */
static bool parse_name(const char *name, struct id *ret)
{
	char same[ARCHIVE_NAME_MAX];
	struct str text = str_of(name);
	if (text.len != strlen("files/AB/") + ID_CHARS ||
	    id_parse(str_slice(text, strlen("files/AB/"), text.len), ret) != OK)
		return false;
	snprintf(same, sizeof(same), "files/%s/%s", ret->text + ID_CHARS - 2, ret->text);
	return strcmp(same, name) == 0;
}

static enum err read_pieces(struct archive_reader *reader, const struct ustar *head)
{
	const struct archive_sink *sink = reader->sink;
	for (int64_t left = head->bytes; left > 0;) {
		size_t bytes = left < ARCHIVE_PIECE_BYTES ? (size_t)left : ARCHIVE_PIECE_BYTES;
		struct str piece = {reader->piece, bytes};
		TRY(get(reader, reader->piece, bytes));
		archive_sums_add(&reader->sums, piece);
		if (sink)
			TRY(sink->blob_add(sink->argument, piece));
		left -= (int64_t)bytes;
	}
	return get_zeros(reader, ustar_padding(head->bytes));
}

static enum err read_blob(struct archive_reader *reader, const struct ustar *head)
{
	const struct archive_sink *sink = reader->sink;
	struct id id;
	if (!parse_name(head->name, &id) || head->bytes > BLOB_MAX_BYTES)
		return ERR_CORRUPT;
	reader->has_blobs = true;
	archive_sums_begin(&reader->sums, head->name);
	if (sink)
		TRY(sink->blob_begin(sink->argument, &id));
	TRY(read_pieces(reader, head));
	archive_sums_end(&reader->sums, head->name, head->bytes);
	reader->sums.counts.blobs++;
	say_progress(reader);
	return sink ? sink->blob_end(sink->argument, head->bytes) : OK;
}

static enum err read_manifest(struct archive_reader *reader, const struct ustar *head)
{
	struct buf bytes CLEANUP_BUF = {0};
	char name[ARCHIVE_NAME_MAX];
	snprintf(name, sizeof(name), "manifest/%06lld", (long long)reader->sums.manifests + 1);
	if (strcmp(name, head->name) != 0 || reader->sums.manifest.err != OK)
		return ERR_CORRUPT;
	TRY(get_small(reader, head, ARCHIVE_MANIFEST_MAX, &bytes));
	if (!digest_eq(buf_str(&bytes), buf_str(&reader->sums.manifest)))
		return ERR_CORRUPT;
	archive_sums_manifest(&reader->sums);
	return OK;
}

static enum err read_end(struct archive_reader *reader, const struct ustar *head)
{
	struct buf bytes CLEANUP_BUF = {0}, same CLEANUP_BUF;
	buf_init(&same, ARCHIVE_END_MAX);
	TRY(get_small(reader, head, ARCHIVE_END_MAX, &bytes));
	if (reader->sums.manifest_lines > 0)
		return ERR_CORRUPT;
	archive_sums_finish(&reader->sums, &same);
	if (same.err != OK || !digest_eq(buf_str(&bytes), buf_str(&same)))
		return ERR_CORRUPT;
	TRY(get_zeros(reader, USTAR_END_BYTES));
	return reader->position == reader->total ? OK : ERR_CORRUPT;
}

static enum err read_entries(struct archive_reader *reader)
{
	for (;;) {
		struct ustar head;
		TRY(get_head(reader, &head));
		if (head.at_ms != reader->label.at_ms / 1000 * 1000)
			return ERR_CORRUPT;
		if (strcmp(head.name, ARCHIVE_END_NAME) == 0)
			return read_end(reader, &head);
		/* Nothing goes on unseen for longer than a manifest is. */
		if (reader->sums.manifest_lines == ARCHIVE_MANIFEST_LINES ||
		    strncmp(head.name, "manifest/", 9) == 0)
			TRY(read_manifest(reader, &head));
		else if (strncmp(head.name, "database/", 9) == 0)
			TRY(read_segment(reader, &head));
		else
			TRY(read_blob(reader, &head));
	}
}

enum err archive_read(struct archive_reader *reader, const struct secret *key,
		      const struct archive_sink *sink, struct archive_counts *ret_counts,
		      int64_t *ret_where)
{
	struct str same;
	*ret_where = 0;
	TRY(archive_text_label(reader->arena, key, &reader->label, &same));
	if (!digest_eq(same, reader->label_text))
		return ERR_DENIED;
	reader->sink = sink;
	archive_sums_init(&reader->sums, key, reader->label_text);
	enum err err = read_entries(reader);
	*ret_where = reader->position;
	*ret_counts = reader->sums.counts;
	archive_sums_release(&reader->sums);
	return err;
}
