/* A backup out of any bytes: whatever it is, it is read within its limits, and only what was
 * written under the key is taken for whole. The first byte chooses: r, the bytes are the file; b,
 * they stand behind a right beginning; m, they are entries, all MACs right, of which one byte is
 * changed. */
#include "backup/archive_text.h"
#include "backup/ustar.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct archive_label label = {
	.at_ms = 1000000, .schema = 1, .portal_public = STR("0123456789abcdef"), .name = STR("N")};
static struct secret *key;
static char folder[] = "/tmp/archive-fuzz-XXXXXX", path[64];

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void begin(void)
{
	static const uint8_t bytes[KEY_BYTES] = {1};
	if (key)
		return;
	log_set_level(LOG_ALARM);
	check(crypto_init() == OK && secret_copy(str_bytes(bytes, KEY_BYTES), &key) == OK);
	check(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/backup", folder);
}

/* ---- reading ---- */

struct taken {
	bool has_begun;
	int64_t blob_bytes;
};

static enum err take_segment(void *argument, struct str bytes)
{
	(void)argument;
	check(bytes.len == 0 || bytes.data != NULL);
	return OK;
}

static enum err take_begin(void *argument, const struct id *id)
{
	struct taken *taken = argument;
	check(!taken->has_begun && !id_is_empty(id));
	*taken = (struct taken){.has_begun = true};
	return OK;
}

static enum err take_piece(void *argument, struct str bytes)
{
	struct taken *taken = argument;
	check(taken->has_begun && bytes.len > 0);
	taken->blob_bytes += (int64_t)bytes.len;
	return OK;
}

static enum err take_end(void *argument, int64_t bytes)
{
	struct taken *taken = argument;
	check(taken->has_begun && taken->blob_bytes == bytes);
	taken->has_begun = false;
	return OK;
}

static enum err read_file(const char *from)
{
	struct arena arena CLEANUP_ARENA;
	struct archive_reader *reader;
	struct archive_label read;
	struct archive_counts counts, again;
	struct taken taken = {.has_begun = false};
	int64_t where;
	const struct archive_sink sink = {.argument = &taken,
					  .segment = take_segment,
					  .blob_begin = take_begin,
					  .blob_add = take_piece,
					  .blob_end = take_end};
	arena_init(&arena, 8 << 20);
	enum err err = archive_open(from, &arena, &reader, &read);
	if (err != OK)
		return err;
	err = archive_read(reader, key, &sink, &counts, &where);
	if (err == OK) {
		check(archive_rewind(reader) == OK);
		check(archive_read(reader, key, NULL, &again, &where) == OK);
		check(memcmp(&counts, &again, sizeof(counts)) == 0);
	}
	archive_release(reader);
	return err;
}

static enum err read_bytes(struct str first, struct str second)
{
	char name[64];
	int fd = memfd_create("backup", MFD_CLOEXEC);
	check(fd >= 0 && write(fd, first.data, first.len) == (ssize_t)first.len &&
	      write(fd, second.data, second.len) == (ssize_t)second.len);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	enum err err = read_file(name);
	close(fd);
	return err;
}

static void behind_a_beginning(struct str bytes)
{
	struct arena arena CLEANUP_ARENA;
	struct buf first CLEANUP_BUF;
	struct ustar head = {.name = ARCHIVE_LABEL_NAME, .at_ms = label.at_ms};
	uint8_t block[USTAR_BLOCK];
	struct str text;
	arena_init(&arena, 1 << 20);
	buf_init(&first, 1 << 20);
	check(archive_text_label(&arena, key, &label, &text) == OK);
	head.bytes = (int64_t)text.len;
	ustar_write(&head, block);
	buf_add(&first, str_bytes(block, sizeof(block)));
	buf_add(&first, text);
	for (size_t i = ustar_padding(head.bytes); i > 0; i--)
		buf_add_char(&first, '\0');
	(void)read_bytes(buf_str(&first), bytes);
}

/* ---- writing ---- */

/* Each entry: its kind and length, then what is in it. */
static void write_entries(struct archive_writer *writer, struct str bytes)
{
	unsigned segments = 0, blobs = 0;
	while (bytes.len >= 2) {
		bool is_blob = (bytes.data[0] & 1) != 0 || blobs > 0;
		size_t len = (uint8_t)bytes.data[1] * 7;
		char name[ARCHIVE_NAME_MAX], id[ID_CHARS + 1];
		bytes = str_slice(bytes, 2, bytes.len);
		len = len < bytes.len ? len : bytes.len;
		snprintf(id, sizeof(id), "01ARZ3NDEKTSV4RRFFQ69%05u", blobs % 100000);
		if (is_blob)
			snprintf(name, sizeof(name), "files/%s/%s", id + ID_CHARS - 2, id);
		else
			snprintf(name, sizeof(name), "database/%06u", segments + 1);
		check(archive_begin(writer, name, (int64_t)len) == OK);
		/* In the pieces that a reader takes: of an empty file none. */
		if (!is_blob || len > 0)
			check(archive_add(writer, str_slice(bytes, 0, len)) == OK);
		check(archive_end(writer) == OK);
		segments += !is_blob;
		blobs += is_blob;
		bytes = str_slice(bytes, len, bytes.len);
	}
}

static void flip(size_t at)
{
	FILE *file = fopen(path, "r+b");
	check(file != NULL && fseek(file, 0, SEEK_END) == 0);
	long where = (long)(at % (size_t)ftell(file));
	check(fseek(file, where, SEEK_SET) == 0);
	int was = fgetc(file);
	check(was != EOF && fseek(file, where, SEEK_SET) == 0);
	check(fputc(was ^ (1 << at % 8), file) != EOF && fclose(file) == 0);
}

static void written_and_changed(struct str bytes)
{
	struct archive_writer *writer;
	if (bytes.len < 2)
		return;
	size_t at = (size_t)(uint8_t)bytes.data[0] << 8 | (uint8_t)bytes.data[1];
	check(archive_create(path, key, &label, &writer) == OK);
	write_entries(writer, str_slice(bytes, 2, bytes.len));
	check(archive_finish(writer) == OK);
	archive_close(writer);
	check(read_file(path) == OK);
	flip(at);
	check(read_file(path) != OK);
	unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	begin();
	if (size == 0)
		return 0;
	struct str bytes = str_bytes(data + 1, size - 1);
	if (data[0] == 'b')
		behind_a_beginning(bytes);
	else if (data[0] == 'm')
		written_and_changed(bytes);
	else
		(void)read_bytes(bytes, STR_NONE);
	return 0;
}
