/* A text as an administrator may type it: it is cleaned, filled and looked at, whatever it is. */
#include "base/utf8.h"
#include "mail/mail_text.h"
#include "mail/text_lint.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINK STR("https://mail.example.com/register/example-link")

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void fuzz_mail(struct cx *cx, const struct texts_words *words)
{
	const struct outbox_mail mail = {
		.kind = MAIL_NOTIFICATION,
		.to_address = STR("anna@example.com"),
		.to_name = STR("Anna {link} Lee"),
		.from_name = STR("{link}"),
		.link = LINK,
		.created_ms = 1,
		.count = 1,
		.own_subject = words->subject,
		.own_body = words->body,
	};
	struct mail_text text;
	/* Who types a link of their own has it where they typed it. */
	if (str_find(words->subject, LINK) >= 0)
		return;
	if (mail_text_make(cx->arena, STR("Example Clinic"), &mail, &text) != OK)
		return;
	check(utf8_is_line(text.subject) && text.subject.len > 0);
	/* The link is nobody's name, and not in a subject. */
	check(str_find(text.subject, LINK) < 0);
}

/* The first line is the subject. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size}, subject = STR_NONE;
	struct arena arena CLEANUP_ARENA;
	const struct settings settings = {.name = STR("Example Clinic"),
					  .url = STR("https://mail.example.com")};
	struct portal portal = {.clock = &clock_system, .settings = &settings};
	struct form_errors errors = {.count = 0};
	struct text_warnings warnings;
	arena_init(&arena, 16 << 20);
	struct cx cx = {.arena = &arena, .portal = &portal, .language = language_find(STR("en"))};
	(void)str_next(&text, '\n', &subject);
	struct texts_words words = {.subject = subject, .body = text};
	text_lint(&cx, TEXTS_NOTIFICATION, &words, true, &warnings);
	check(warnings.count <= TEXT_LINT_MAX);
	if (texts_clean(&cx, &words, &words, &errors) == OK)
		fuzz_mail(&cx, &words);
	return 0;
}
