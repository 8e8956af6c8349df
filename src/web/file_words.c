#include "web/file_words.h"

enum { KIND_BYTES = 4 };

static const char *const text_types[] = {"text/plain", "text/csv", "text/tab-separated-values",
					 "text/markdown", "application/json"};
/* What browsers have no type for. */
static const char *const text_endings[] = {"txt", "text", "log", "md", "csv", "tsv", "json"};

static bool is_among(const char *const *words, size_t count, struct str word)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq(word, str_of(words[i])))
			return true;
	}
	return false;
}
#define IS_AMONG(words, word) is_among(words, sizeof(words) / sizeof((words)[0]), word)

static enum file_preview preview_of(struct cx *cx, const struct file_head *head)
{
	bool is_text = IS_AMONG(text_types, head->type) ||
		       (str_eq(head->type, STR("application/octet-stream")) &&
			IS_AMONG(text_endings, file_head_ending(cx, head->name)));
	enum file_preview preview = file_stream_preview(head->type);
	if (is_text)
		return FILE_PREVIEW_TEXT;
	/* Markup and programs are text to no reader. */
	return preview == FILE_PREVIEW_TEXT ? FILE_PREVIEW_NONE : preview;
}

/* "PDF"; only of what is short and has letters and digits alone. */
static struct str kind_of(struct cx *cx, struct str name)
{
	struct str ending = file_head_ending(cx, name);
	char *kind = arena_alloc(cx->arena, KIND_BYTES + 1);
	if (kind == NULL || ending.len > KIND_BYTES)
		return STR_NONE;
	for (size_t i = 0; i < ending.len; i++) {
		char c = ending.data[i];
		bool is_small = c >= 'a' && c <= 'z';
		if (!is_small && (c < '0' || c > '9'))
			return STR_NONE;
		kind[i] = is_small ? (char)(c - 'a' + 'A') : c;
	}
	return str_bytes(kind, ending.len);
}

static struct str scan_of(struct cx *cx, enum file_scan scan)
{
	switch (scan) {
	case FILE_SCAN_CLEAN: return text_get(cx->language, TEXT_FILES_SCAN_CLEAN);
	case FILE_SCAN_INFECTED: return text_get(cx->language, TEXT_FILES_SCAN_INFECTED);
	case FILE_SCAN_UNKNOWN: return text_get(cx->language, TEXT_FILES_SCAN_UNKNOWN);
	case FILE_SCAN_NONE: break;
	}
	return STR_NONE;
}

static bool is_known(const uint8_t digest[SHA256_BYTES])
{
	uint8_t any = 0;
	for (size_t i = 0; i < SHA256_BYTES; i++)
		any |= digest[i];
	return any != 0;
}

static struct str hex_of(struct cx *cx, const uint8_t digest[SHA256_BYTES])
{
	static const char digits[] = "0123456789abcdef";
	char *hex = arena_alloc(cx->arena, (size_t)SHA256_BYTES * 2);
	for (size_t i = 0; hex && i < SHA256_BYTES; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	return str_bytes(hex, hex ? (size_t)SHA256_BYTES * 2 : 0);
}

struct str file_words_size(struct cx *cx, int64_t bytes)
{
	return format_size(cx->arena, cx->language, bytes);
}

enum err file_words_fill(struct cx *cx, const struct id *id, const struct file_head *head,
			 struct file_words *ret)
{
	*ret = (struct file_words){
		.id = *id,
		.name = arena_copy(cx->arena, head->name), /* it may be a download's */
		.kind = kind_of(cx, head->name),
		.size = file_words_size(cx, head->bytes < 0 ? 0 : head->bytes),
		.scan = scan_of(cx, head->scan),
		.is_suspect = head->scan == FILE_SCAN_INFECTED,
		.preview = preview_of(cx, head),
	};
	if (is_known(head->sha256))
		ret->fingerprint = hex_of(cx, head->sha256);
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}
