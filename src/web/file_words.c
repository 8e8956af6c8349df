#include "web/file_words.h"

enum { KIND_BYTES = 4 };

static const struct {
	const char *type; /* all that begin so */
	enum file_preview preview;
} previews[] = {
	{"image/png", PREVIEW_IMAGE},
	{"image/jpeg", PREVIEW_IMAGE},
	{"image/gif", PREVIEW_IMAGE},
	{"image/webp", PREVIEW_IMAGE},
	{"image/avif", PREVIEW_IMAGE},
	{"image/bmp", PREVIEW_IMAGE},
	{"audio/mpeg", PREVIEW_AUDIO},
	{"audio/mp4", PREVIEW_AUDIO},
	{"audio/x-m4a", PREVIEW_AUDIO},
	{"audio/aac", PREVIEW_AUDIO},
	{"audio/ogg", PREVIEW_AUDIO},
	{"audio/webm", PREVIEW_AUDIO},
	{"audio/flac", PREVIEW_AUDIO},
	{"audio/wav", PREVIEW_AUDIO},
	{"audio/x-wav", PREVIEW_AUDIO},
	{"video/mp4", PREVIEW_VIDEO},
	{"video/webm", PREVIEW_VIDEO},
	{"video/ogg", PREVIEW_VIDEO},
	{"video/quicktime", PREVIEW_VIDEO},
	{"application/pdf", PREVIEW_PDF},
	{"text/plain", PREVIEW_TEXT},
	{"text/csv", PREVIEW_TEXT},
	{"text/tab-separated-values", PREVIEW_TEXT},
	{"text/markdown", PREVIEW_TEXT},
	{"application/json", PREVIEW_TEXT},
};

/* What browsers have no type for. */
static const char *const text_endings[] = {"txt", "text", "log", "md", "csv", "tsv", "json"};

static enum file_preview preview_of(struct cx *cx, const struct file_head *head)
{
	for (size_t i = 0; i < sizeof previews / sizeof previews[0]; i++) {
		if (str_eq(head->type, str_of(previews[i].type)))
			return previews[i].preview;
	}
	if (!str_eq(head->type, STR("application/octet-stream")))
		return PREVIEW_NONE;
	struct str ending = file_head_ending(cx, head->name);
	for (size_t i = 0; i < sizeof text_endings / sizeof text_endings[0]; i++) {
		if (str_eq(ending, str_of(text_endings[i])))
			return PREVIEW_TEXT;
	}
	return PREVIEW_NONE;
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
