#include "core/texts.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/audit_log.h"
#include "core/outbox_mail.h"
#include "core/people_guard.h"
#include "core/policy.h"
#include "core/session.h"
#include "core/throttle.h"
#include "store/mail_texts.h"

enum { TESTS_PER_HOUR = 30 };

#define FILL(name) (1u << FILL_##name)
#define FILLS_ALL (FILL(PORTAL) | FILL(NAME) | FILL(ADDRESS) | FILL(LINK) | FILL(DATE))
#define TEXT(name, w, further)                                                                     \
	[TEXTS_##name] = {.word = (w),                                                             \
			  .title = TEXT_TEXTS_##name,                                              \
			  .subject = TEXT_TEXTS_##name##_SUBJECT,                                  \
			  .body = TEXT_TEXTS_##name##_BODY,                                        \
			  .fills = FILLS_ALL | (further)}

static const struct {
	const char *word;
	enum text_id title, subject, body;
	unsigned fills;
} table[TEXTS_COUNT] = {
	TEXT(INVITATION, "invitation", FILL(SENDER) | FILL(UNTIL)),
	TEXT(NOTIFICATION, "notification", FILL(SENDER) | FILL(SUBJECT)),
	TEXT(WELCOME, "welcome", 0),
	TEXT(REMINDER, "reminder", FILL(SENDER) | FILL(SUBJECT) | FILL(UNTIL)),
	TEXT(RESET, "reset", FILL(UNTIL)),
	TEXT(PASSWORD_CHANGED, "password_changed", 0),
};
#undef TEXT

static const struct {
	const char *word;
	enum text_id means;
} fills[FILL_COUNT] = {
	[FILL_PORTAL] = {"portal", TEXT_TEXTS_FILL_PORTAL},
	[FILL_SENDER] = {"sender", TEXT_TEXTS_FILL_SENDER},
	[FILL_NAME] = {"name", TEXT_TEXTS_FILL_NAME},
	[FILL_ADDRESS] = {"address", TEXT_TEXTS_FILL_ADDRESS},
	[FILL_LINK] = {"link", TEXT_TEXTS_FILL_LINK},
	[FILL_DATE] = {"date", TEXT_TEXTS_FILL_DATE},
	[FILL_UNTIL] = {"until", TEXT_TEXTS_FILL_UNTIL},
	[FILL_SUBJECT] = {"subject", TEXT_TEXTS_FILL_SUBJECT},
};

/* ---- the table ---- */

struct str texts_word(enum texts_name name)
{
	return str_of(table[name].word);
}

enum err texts_find(struct str word, enum texts_name *ret)
{
	for (int i = 0; i < TEXTS_COUNT; i++) {
		if (!str_eq(word, str_of(table[i].word)))
			continue;
		*ret = (enum texts_name)i;
		return OK;
	}
	return ERR_NOT_FOUND;
}

struct str texts_title(const struct language *language, enum texts_name name)
{
	return text_get(language, table[name].title);
}

bool texts_allows(enum texts_name name, enum texts_fill fill)
{
	return table[name].fills >> fill & 1;
}

/* Subjects stand in lists and in logs of mail servers. */
bool texts_allows_in_subject(enum texts_name name, enum texts_fill fill)
{
	return fill != FILL_LINK && fill != FILL_ADDRESS && texts_allows(name, fill);
}

struct str texts_fill_word(enum texts_fill fill)
{
	return str_of(fills[fill].word);
}

struct str texts_fill_means(const struct language *language, enum texts_fill fill)
{
	return text_get(language, fills[fill].means);
}

enum texts_fill texts_fill_find(struct str word)
{
	int fill = 0;
	while (fill < FILL_COUNT && !str_eq(word, str_of(fills[fill].word)))
		fill++;
	return (enum texts_fill)fill;
}

/* A word of letters between braces; anything else with braces is text. */
static size_t fill_bytes(struct str text)
{
	size_t len = 1;
	while (len < text.len && (str_is_alnum(text.data[len]) || text.data[len] == '_'))
		len++;
	return len > 1 && len < text.len && text.data[len] == '}' ? len + 1 : 0;
}

bool texts_next_fill(struct str *rest, struct str *ret_before, struct str *ret_word)
{
	for (size_t at = 0; at < rest->len; at++) {
		size_t bytes =
			rest->data[at] == '{' ? fill_bytes(str_slice(*rest, at, rest->len)) : 0;
		if (bytes == 0)
			continue;
		*ret_before = str_slice(*rest, 0, at);
		*ret_word = str_slice(*rest, at + 1, bytes - 2);
		*rest = str_slice(*rest, at + bytes, rest->len);
		return true;
	}
	*ret_before = *rest;
	*rest = STR_NONE;
	return false;
}

bool texts_of_mail(const struct outbox_mail *mail, enum texts_name *ret)
{
	static const struct {
		enum mail_kind kind;
		enum mail_about about;
		enum texts_name name;
	} mails[] = {
		{MAIL_INVITATION, ABOUT_MESSAGE, TEXTS_INVITATION},
		{MAIL_NOTIFICATION, ABOUT_MESSAGE, TEXTS_NOTIFICATION},
		{MAIL_WELCOME, ABOUT_MESSAGE, TEXTS_WELCOME},
		{MAIL_SIGNING, ABOUT_REMINDER, TEXTS_REMINDER},
		{MAIL_RESET, ABOUT_MESSAGE, TEXTS_RESET},
		{MAIL_PASSWORD_CHANGED, ABOUT_MESSAGE, TEXTS_PASSWORD_CHANGED},
	};
	for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		if (mails[i].kind != mail->kind || mails[i].about != mail->about)
			continue;
		*ret = mails[i].name;
		return true;
	}
	return false;
}

/* ---- reading ---- */

struct texts_words texts_standard(enum texts_name name, const struct language *language)
{
	return (struct texts_words){.subject = text_get(language, table[name].subject),
				    .body = text_get(language, table[name].body)};
}

static struct texts_text standard_text(enum texts_name name, const struct language *language)
{
	return (struct texts_text){
		.name = name,
		.language = language,
		.is_standard = true,
		.words = texts_standard(name, language),
	};
}

static enum err find_author(struct cx *cx, struct db *db, const struct id *id, struct str *ret)
{
	struct user author;
	*ret = STR_NONE;
	if (id_is_empty(id))
		return OK;
	enum err err = users_by_id(db, cx->arena, id, &author);
	if (err == OK)
		*ret = user_label(&author);
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
}

static enum err text_of_row(struct cx *cx, struct db *db, enum texts_name name,
			    const struct language *language, const struct mail_text_row *row,
			    struct texts_text *ret)
{
	struct texts_text text = standard_text(name, language);
	text.version = row->version;
	text.at_ms = row->at_ms;
	text.is_standard = row->is_standard;
	if (!row->is_standard)
		text.words = (struct texts_words){.subject = row->subject, .body = row->body};
	TRY(find_author(cx, db, &row->author_id, &text.author));
	*ret = text;
	return OK;
}

static enum err find_row(struct cx *cx, struct db *db, enum texts_name name,
			 const struct language *language, int64_t version,
			 struct mail_text_row *ret)
{
	struct str tag = language_tag(language);
	return version > 0 ? mail_texts_get(db, cx->arena, texts_word(name), tag, version, ret)
			   : mail_texts_newest(db, cx->arena, texts_word(name), tag, ret);
}

enum err texts_read(struct cx *cx, enum texts_name name, const struct language *language,
		    int64_t version, struct texts_text *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct mail_text_row row;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = find_row(cx, db, name, language, version, &row);
	if (err == ERR_NOT_FOUND && version == 0) {
		*ret = standard_text(name, language);
		return OK;
	}
	TRY(err);
	return text_of_row(cx, db, name, language, &row, ret);
}

enum err texts_history(struct cx *cx, enum texts_name name, const struct language *language,
		       int64_t before, int64_t limit, struct texts_text **ret, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	struct mail_text_row *rows;
	size_t count;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(mail_texts_list(db, cx->arena, texts_word(name), language_tag(language), before, limit,
			    &rows, &count, NULL));
	struct texts_text *texts = ARENA_ARRAY(cx->arena, count + 1, struct texts_text);
	if (texts == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		TRY(text_of_row(cx, db, name, language, &rows[i], &texts[i]));
	*ret = texts;
	*ret_count = count;
	return OK;
}

enum err texts_unchanged(struct cx *cx, int64_t *ret)
{
	static const enum texts_name first[] = {TEXTS_INVITATION, TEXTS_NOTIFICATION};
	int64_t count = 0;
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		for (size_t j = 0; j < LANGUAGE_COUNT; j++) {
			struct texts_text text;
			TRY(texts_read(cx, first[i], language_at(j), 0, &text));
			count += text.is_standard;
		}
	}
	*ret = count;
	return OK;
}

/* ---- writing ---- */

/* Nor are there empty lines at its ends. */
struct str texts_clean_body(struct cx *cx, struct str body)
{
	struct buf out CLEANUP_BUF;
	struct str line;
	size_t empty = 0;
	bool has_any = false;
	buf_init(&out, body.len + 2);
	while (str_next(&body, '\n', &line)) {
		while (line.len > 0 &&
		       (line.data[line.len - 1] == ' ' || line.data[line.len - 1] == '\r' ||
			line.data[line.len - 1] == '\t'))
			line.len--;
		if (line.len == 0) {
			empty++;
			continue;
		}
		for (; has_any && empty > 0; empty--)
			buf_add_char(&out, '\n');
		empty = 0;
		has_any = true;
		buf_add(&out, line);
		buf_add_char(&out, '\n');
	}
	return arena_copy(cx->arena, buf_str(&out));
}

static bool are_lines(struct str text)
{
	struct str line;
	while (str_next(&text, '\n', &line))
		if (!utf8_is_line(line))
			return false;
	return true;
}

static bool has_link(struct str body)
{
	struct str before, word;
	while (texts_next_fill(&body, &before, &word))
		if (texts_fill_find(word) == FILL_LINK)
			return true;
	return false;
}

enum err texts_clean(struct cx *cx, const struct texts_words *typed, struct texts_words *ret,
		     struct form_errors *errors)
{
	struct texts_words words = {.subject = str_trim(typed->subject)};
	size_t before = errors->count;
	if (typed->body.len > LIMIT_MAIL_TEXT_BYTES) {
		form_error(cx, errors, "text", TEXT_ERROR_TEXTS_LONG,
			   TEXT_NUMBER("count", LIMIT_MAIL_TEXT_BYTES));
		return ERR_INVALID;
	}
	words.body = texts_clean_body(cx, typed->body);
	if (!utf8_is_line(words.subject))
		form_error(cx, errors, "subject", TEXT_ERROR_TEXTS_SUBJECT_LINE);
	else if (utf8_count(words.subject) > LIMIT_SUBJECT_CHARS)
		form_error(cx, errors, "subject", TEXT_ERROR_TEXTS_SUBJECT_LONG,
			   TEXT_NUMBER("count", LIMIT_SUBJECT_CHARS));
	if (!are_lines(words.body))
		form_error(cx, errors, "text", TEXT_ERROR_TEXTS_NO_TEXT);
	else if (!has_link(words.body))
		form_error(cx, errors, "text", TEXT_ERROR_TEXTS_NO_LINK,
			   TEXT_ARG("link", STR("{link}")));
	if (errors->count > before)
		return ERR_INVALID;
	*ret = words;
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

struct writing {
	struct cx *cx;
	enum texts_name name;
	const struct language *language;
	int64_t seen_version;
	bool is_standard;
	struct texts_words words; /* empty if so */
};

static enum err write_text(struct db *db, void *argument)
{
	struct writing *writing = argument;
	struct cx *cx = writing->cx;
	struct mail_text_row was = {.is_standard = true};
	TRY(people_check_actor(cx, db));
	enum err err = find_row(cx, db, writing->name, writing->language, 0, &was);
	if (err != OK && err != ERR_NOT_FOUND)
		return err;
	if (writing->seen_version >= 0 && was.version != writing->seen_version)
		return ERR_CONFLICT;
	if (was.is_standard == writing->is_standard &&
	    str_eq(was.subject, writing->words.subject) && str_eq(was.body, writing->words.body))
		return OK;
	struct mail_text_row next = {
		.name = texts_word(writing->name),
		.language = language_tag(writing->language),
		.version = was.version + 1,
		.at_ms = cx_now_ms(cx),
		.is_standard = writing->is_standard,
		.subject = writing->words.subject,
		.body = writing->words.body,
	};
	if (cx->session != NULL)
		next.author_id = cx->session->user.id;
	TRY(mail_texts_insert(db, &next));
	struct str subject =
		arena_printf(cx->arena, "%.*s %.*s", STR_ARGS(next.name), STR_ARGS(next.language));
	return audit_log(cx, db,
			 &(struct audit_act){.kind = AUDIT_TEXT,
					     .at_ms = next.at_ms,
					     .subject = subject,
					     .before = audit_text_words(cx->arena, &was),
					     .after = audit_text_words(cx->arena, &next),
					     .version = next.version});
}

enum err texts_write(struct cx *cx, enum texts_name name, const struct language *language,
		     const struct texts_words *words, int64_t seen_version,
		     struct form_errors *errors)
{
	struct writing writing = {
		.cx = cx,
		.name = name,
		.language = language,
		.seen_version = seen_version,
		.is_standard = words == NULL,
	};
	if (cx->session != NULL && !policy_may(cx, ACT_ADMINISTER))
		return ERR_DENIED;
	if (words != NULL)
		TRY(texts_clean(cx, words, &writing.words, errors));
	return store_transact(cx->portal->store, write_text, &writing, cx->arena);
}

/* ---- mails ---- */

enum err texts_choose(struct cx *cx, struct outbox_mail *mail)
{
	struct db *db CLEANUP_READ = NULL;
	struct mail_text_row row;
	enum texts_name name;
	if (!texts_of_mail(mail, &name))
		return OK;
	TRY(store_read_begin(cx->portal->store, &db));
	enum err err = find_row(cx, db, name, language_find(mail->language), 0, &row);
	/* Its alarm was raised; the mail goes out all the same, in the portal's own words. */
	if (err == ERR_NOT_FOUND || err == ERR_CORRUPT)
		return OK;
	TRY(err);
	mail->own_subject = row.subject;
	mail->own_body = row.body;
	return OK;
}

enum err texts_welcome(struct cx *cx, const struct user *user, struct mail_row *ret,
		       bool *ret_is_sent)
{
	struct outbox_mail mail = {.kind = MAIL_WELCOME, .language = user->language};
	const struct outbox_letter letter = {
		.kind = MAIL_WELCOME,
		.to = user,
		.link = arena_printf(cx->arena, "%.*s/inbox", STR_ARGS(cx->portal->settings->url)),
	};
	TRY(texts_choose(cx, &mail));
	*ret_is_sent = mail.own_body.len > 0;
	return *ret_is_sent ? outbox_mail_prepare(cx, &letter, ret) : OK;
}

static enum err write_mail(struct db *db, void *argument)
{
	return mails_insert(db, argument);
}

enum err texts_send_test(struct cx *cx, const struct texts_words *filled)
{
	struct mail_row mail;
	if (!policy_may(cx, ACT_ADMINISTER))
		return ERR_DENIED;
	if (throttle_take(cx->portal->throttle, "test-mail", id_str(&cx->session->user.id), 1,
			  TESTS_PER_HOUR, HOUR_MS, cx_now_ms(cx)) != OK)
		return ERR_BUSY;
	const struct outbox_letter letter = {
		.kind = MAIL_TEST,
		.to = &cx->session->user,
		.link = cx->portal->settings->url,
		.own_subject = filled->subject,
		.own_body = filled->body,
	};
	TRY(outbox_mail_prepare(cx, &letter, &mail));
	TRY(store_transact(cx->portal->store, write_mail, &mail, cx->arena));
	outbox_mail_wake(cx->portal);
	return OK;
}
