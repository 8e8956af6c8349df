/* Mail URLs, header encoding and cleaning, and whole mails, out of any bytes. */
#include "base/utf8.h"
#include "mail/header.h"
#include "mail/mail_url.h"
#include "mail/mime.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void fuzz_url(struct arena *arena, struct str text)
{
	struct mail_url url;
	enum text_id problem = TEXT_COUNT_IDS;
	if (mail_url_parse(arena, text, &url, &problem) != OK) {
		check(problem < TEXT_COUNT_IDS || arena->failed);
		return;
	}
	check(url.kind == MAIL_URL_DIR || (url.host.len > 0 && url.port > 0 && url.port < 65536));
	check((url.user.len == 0) == (url.password.len == 0));
}

/* Exactly our nine fields, whatever the texts are. */
static void fuzz_message(struct arena *arena, struct str text)
{
	struct mime_message message = {.from_address = STR("postern@example.com"),
				       .to_address = STR("anna@example.com")};
	struct str bytes, line;
	size_t fields = 0;
	message.id = (struct id){"01ARZ3NDEKTSV4RRFFQ69G5FAV"};
	message.host = message.from_display = message.to_display = message.subject = message.body =
		text;
	if (mime_build(arena, &message, &bytes) != OK)
		return;
	while (str_next(&bytes, '\n', &line) && line.len > 1) {
		/* A Message-ID has no place to fold at, however long the host's name is. */
		check(line.len <= 79 || str_starts_with(line, STR("Message-ID: ")));
		check(line.data[line.len - 1] == '\r');
		fields += line.data[0] != ' ';
	}
	check(fields == 9);
	while (str_next(&bytes, '\n', &line)) {
		check(line.len <= 999);
		check(line.len == 0 || line.data[line.len - 1] == '\r');
	}
}

static void fuzz_clean(struct arena *arena, struct str text)
{
	struct str line = header_clean(arena, text, 100);
	check(utf8_is_line(line) && utf8_count(line) <= 100);
	(void)header_is_address(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 4 << 20);
	fuzz_url(&arena, text);
	fuzz_clean(&arena, text);
	fuzz_message(&arena, text);
	return 0;
}
