#include "pdf/worker/save.h"

#include "base/limits.h"

#include <errno.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024 };

/* Where the library writes: everything before `skip` is there already. */
struct target {
	struct work *work;
	int64_t at, skip;
	int64_t bytes;   /* in the descriptor */
	fz_buffer *kept; /* if it is kept until it is whole */
};

static void put(struct work *work, const char *data, size_t len, int64_t at)
{
	while (len > 0) {
		ssize_t done = pwrite(work->output_fd, data, len, at);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			refuse(work, PDF_TOO_HEAVY);
		data += done;
		len -= (size_t)done;
		at += done;
	}
}

static void on_write(fz_context *ctx, void *state, const void *data, size_t len)
{
	struct target *target = state;
	if (target->at < target->skip)
		fz_throw(ctx, FZ_ERROR_GENERIC, "what was there may not change");
	if (target->at - target->skip + (int64_t)len > LIMIT_PDF_BYTES + LIMIT_PDF_GROWTH_BYTES)
		refuse(target->work, PDF_TOO_HEAVY);
	if (target->kept)
		fz_append_data(ctx, target->kept, data, len);
	else
		put(target->work, data, len, target->at - target->skip);
	target->at += (int64_t)len;
	if (target->at - target->skip > target->bytes)
		target->bytes = target->at - target->skip;
}

static void on_seek(fz_context *ctx, void *state, int64_t offset, int whence)
{
	struct target *target = state;
	int64_t at = whence == SEEK_SET ? offset : target->skip + target->bytes + offset;
	/* A tail is gathered in the order in which it comes. */
	if (at < target->skip || (target->kept && at != target->skip + target->bytes))
		fz_throw(ctx, FZ_ERROR_GENERIC, "seek");
	target->at = at;
}

static int64_t on_tell(fz_context *ctx, void *state)
{
	(void)ctx;
	return ((struct target *)state)->at;
}

static void on_truncate(fz_context *ctx, void *state)
{
	(void)ctx;
	(void)state;
}

/* The library looks whether its output begins with the document: it does. */
static fz_stream *on_read(fz_context *ctx, void *state)
{
	struct target *target = state;
	return fz_open_memory(ctx, (const unsigned char *)target->work->bytes.data,
			      target->work->bytes.len);
}

static void save(struct work *work, struct target *target, const pdf_write_options *options)
{
	fz_context *ctx = work->ctx;
	fz_output *output = fz_new_output(ctx, PIECE_BYTES, target, on_write, NULL, NULL);
	output->seek = on_seek;
	output->tell = on_tell;
	output->truncate = on_truncate;
	output->as_stream = on_read;
	fz_try(ctx)
	{
		pdf_write_document(ctx, work->doc, output, options);
		fz_close_output(ctx, output);
	}
	fz_always(ctx) fz_drop_output(ctx, output);
	fz_catch(ctx) fz_rethrow(ctx);
}

static void answer(struct work *work, int64_t bytes, bool is_tail)
{
	answer_put_output(work->answer, &(struct job_output){.is_tail = is_tail, .bytes = bytes});
}

void save_whole(struct work *work)
{
	/* What nothing refers to any more (scripts, for one) is left out. */
	pdf_write_options options = {.do_garbage = 1, .do_encrypt = PDF_ENCRYPT_NONE};
	struct target target = {.work = work};
	save(work, &target, &options);
	answer(work, target.bytes, false);
}

static void gather_tail(struct work *work, fz_buffer *tail)
{
	pdf_write_options options = {.do_incremental = 1, .do_encrypt = PDF_ENCRYPT_KEEP};
	struct target target = {.work = work, .skip = (int64_t)work->bytes.len, .kept = tail};
	target.at = target.skip;
	save(work, &target, &options);
	if (tail->len == 0)
		fz_throw(work->ctx, FZ_ERROR_GENERIC, "nothing has changed");
}

static char *find(struct work *work, fz_buffer *tail, struct str what)
{
	ptrdiff_t at = str_find(str_bytes(tail->data, tail->len), what);
	if (at < 0)
		fz_throw(work->ctx, FZ_ERROR_GENERIC, "no place");
	return (char *)tail->data + at;
}

/* "/ByteRange[0 1000000000 1000000000 1000000000]" and "/Contents<000...>" */
static void open_place(struct work *work, fz_buffer *tail)
{
	char numbers[64];
	char *range = find(work, tail, STR("/ByteRange")), *zeros;
	char *open = strchr(range, '['), *close = open ? strchr(open, ']') : NULL;
	CLEANUP_BUF struct buf hole;
	buf_init(&hole, 2 * SAVE_CONTENTS_BYTES + 8);
	buf_add_char(&hole, '<');
	for (int i = 0; i < 2 * SAVE_CONTENTS_BYTES; i++)
		buf_add_char(&hole, '0');
	buf_add_char(&hole, '>');
	zeros = find(work, tail, buf_str(&hole));
	int64_t before = (int64_t)work->bytes.len, from = before + (zeros - (char *)tail->data);
	int64_t until = from + (int64_t)hole.len, end = before + (int64_t)tail->len;
	int len = snprintf(numbers, sizeof(numbers), "0 %lld %lld %lld", (long long)from,
			   (long long)until, (long long)(end - until));
	if (close == NULL || len > close - open - 1)
		fz_throw(work->ctx, FZ_ERROR_GENERIC, "no room for the range");
	memset(open + 1, ' ', (size_t)(close - open - 1));
	memcpy(open + 1, numbers, (size_t)len);
}

static void save_added(struct work *work, bool is_open, size_t max_bytes)
{
	fz_context *ctx = work->ctx;
	fz_buffer *tail = fz_new_buffer(ctx, PIECE_BYTES);
	fz_try(ctx)
	{
		gather_tail(work, tail);
		fz_terminate_buffer(ctx, tail);
		if (tail->len > max_bytes)
			refuse(work, PDF_BAD_IMAGE);
		if (is_open)
			open_place(work, tail);
		put(work, (const char *)tail->data, tail->len, 0);
		answer(work, (int64_t)tail->len, true);
	}
	fz_always(ctx) fz_drop_buffer(ctx, tail);
	fz_catch(ctx) fz_rethrow(ctx);
}

void save_tail(struct work *work)
{
	save_added(work, false, SIZE_MAX);
}

void save_tail_open(struct work *work, size_t max_bytes)
{
	save_added(work, true, max_bytes);
}
