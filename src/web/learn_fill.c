#include "web/learn_fill.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "core/health.h"
#include "core/housekeeping.h"
#include "core/logo.h"
#include "core/outbox.h"

/* ---- {% if word %} ---- */

static bool is_managed(const struct settings *s)
{
	return s->custody == CUSTODY_MANAGED;
}

static bool is_strict(const struct settings *s)
{
	return s->custody == CUSTODY_STRICT;
}

static bool is_controlled(const struct settings *s)
{
	return s->access == ACCESS_CONTROLLED;
}

static bool has_terms(const struct settings *s)
{
	return s->terms_url.len > 0;
}

static bool has_retention(const struct settings *s)
{
	return s->retention_days > 0;
}

static bool has_quota(const struct settings *s)
{
	return s->quota_bytes > 0;
}

static bool write_guests_to_any(const struct settings *s)
{
	return s->guest_compose == GUEST_COMPOSE_ANY;
}

static bool write_guests_to_known(const struct settings *s)
{
	return s->guest_compose == GUEST_COMPOSE_KNOWN;
}

static bool are_subjects_told(const struct settings *s)
{
	return s->is_subject_in_mail;
}

static const struct {
	const char *word;
	enum feature feature;
	bool (*holds)(const struct settings *settings); /* instead of the feature */
} conditions[] = {
	{"files", FEATURE_FILES, NULL},
	{"signatures", FEATURE_SIGNATURES, NULL},
	{"recall", FEATURE_RECALL, NULL},
	{"forwarding", FEATURE_FORWARDING, NULL},
	{"confidential", FEATURE_CONFIDENTIAL, NULL},
	{"expiry", FEATURE_EXPIRY, NULL},
	{"managed", FEATURE_ALWAYS, is_managed},
	{"strict", FEATURE_ALWAYS, is_strict},
	{"controlled", FEATURE_ALWAYS, is_controlled},
	{"terms", FEATURE_ALWAYS, has_terms},
	{"quota", FEATURE_ALWAYS, has_quota},
	{"retention", FEATURE_ALWAYS, has_retention},
	{"guests_write_any", FEATURE_ALWAYS, write_guests_to_any},
	{"guests_write_known", FEATURE_ALWAYS, write_guests_to_known},
	{"subject_in_mail", FEATURE_ALWAYS, are_subjects_told},
};

static enum err judge(const struct settings *settings, struct str word, bool *ret)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (!str_eq(word, str_of(conditions[i].word)))
			continue;
		*ret = conditions[i].holds ? conditions[i].holds(settings)
					   : settings_have(settings, conditions[i].feature);
		return OK;
	}
	log_event(LOG_ERROR, "learn.condition_unknown", LOG_STR("word", word));
	return ERR_INTERNAL;
}

/* ---- {{ word }} ---- */

static struct str characters(struct cx *cx, int64_t count)
{
	return TEXT_FILL(cx->arena, cx->language, TEXT_LEARN_CHARACTERS,
			 TEXT_NUMBER("count", count));
}

static struct str days(struct cx *cx, int64_t count)
{
	return TEXT_FILL(cx->arena, cx->language, TEXT_LEARN_DAYS, TEXT_NUMBER("count", count));
}

static struct str minutes(struct cx *cx, int64_t count)
{
	if (count % 60 == 0)
		return TEXT_FILL(cx->arena, cx->language, TEXT_LEARN_HOURS,
				 TEXT_NUMBER("count", count / 60));
	return TEXT_FILL(cx->arena, cx->language, TEXT_LEARN_MINUTES, TEXT_NUMBER("count", count));
}

static struct str number(struct cx *cx, int64_t count)
{
	return TEXT_FILL(cx->arena, cx->language, TEXT_LEARN_NUMBER, TEXT_NUMBER("count", count));
}

static struct str percent(struct cx *cx, int64_t count)
{
	return TEXT_FILL(cx->arena, cx->language, TEXT_LEARN_PERCENT, TEXT_NUMBER("count", count));
}

static struct str people(struct cx *cx, int64_t count)
{
	return TEXT_FILL(cx->arena, cx->language, TEXT_LEARN_PEOPLE_COUNT,
			 TEXT_NUMBER("count", count));
}

static struct str size(struct cx *cx, int64_t bytes)
{
	return format_size(cx->arena, cx->language, bytes);
}

static enum err put_value(struct cx *cx, struct buf *out, struct str word)
{
	const struct settings *s = cx->portal->settings;
	const struct {
		const char *word;
		struct str (*format)(struct cx *cx, int64_t amount);
		int64_t amount;
	} values[] = {
		{"invitation_days", days, s->invitation_days},
		{"password_min", characters, s->password_min_chars},
		{"retention_days", days, s->retention_days},
		{"trash_days", days, s->trash_days},
		{"reset_minutes", minutes, s->reset_minutes},
		{"session_idle", minutes, s->session_idle_minutes},
		{"session_total", minutes, s->session_total_hours * 60},
		{"file_max", size, s->file_max_bytes},
		{"message_max", size, s->message_max_bytes},
		{"quota", size, s->quota_bytes},
		{"document_max", size, LIMIT_PDF_BYTES},
		{"mail_retry", days, OUTBOX_GIVE_UP_DAYS},
		{"link_mails", number, LIMIT_HELP_MAILS_PER_HOUR},
		{"invitation_mails", number, LIMIT_INVITATIONS_AGAIN_PER_HOUR},
		{"import_people", people, LIMIT_IMPORT_ROWS},
		{"import_size", size, LIMIT_IMPORT_BYTES},
		{"rules_max", number, LIMIT_RULES},
		{"logo_size", size, LOGO_MAX_BYTES},
		{"logo_pixels", number, LOGO_MAX_PIXELS},
		{"checkpoint_every", minutes, HOUSEKEEPING_EVERY_MINUTES},
		{"backup_soon", days, HEALTH_BACKUP_SOON_DAYS},
		{"backup_bad", days, HEALTH_BACKUP_BAD_DAYS},
		{"certificate_soon", days, HEALTH_CERTIFICATE_SOON_DAYS},
		{"certificate_bad", days, HEALTH_CERTIFICATE_BAD_DAYS},
		{"disk_soon_share", percent, HEALTH_DISK_SOON_PERCENT},
		{"disk_bad_share", percent, HEALTH_DISK_BAD_PERCENT},
		{"disk_soon", size, HEALTH_DISK_SOON_BYTES},
		{"disk_bad", size, HEALTH_DISK_BAD_BYTES},
	};
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (!str_eq(word, str_of(values[i].word)))
			continue;
		buf_add(out, values[i].format(cx, values[i].amount));
		return OK;
	}
	log_event(LOG_ERROR, "learn.value_unknown", LOG_STR("word", word));
	return ERR_INTERNAL;
}

/* "{{ policy }}" stays: it is a table, not a value. */
static enum err put_line(struct cx *cx, struct buf *out, struct str line)
{
	ptrdiff_t at, end;
	while (!str_eq(line, STR("{{ policy }}")) && (at = str_find(line, STR("{{ "))) >= 0) {
		struct str rest = str_slice(line, (size_t)at + 3, line.len);
		if ((end = str_find(rest, STR(" }}"))) < 0)
			break;
		buf_add(out, str_slice(line, 0, (size_t)at));
		TRY(put_value(cx, out, str_slice(rest, 0, (size_t)end)));
		line = str_slice(rest, (size_t)end + 3, rest.len);
	}
	buf_add(out, line);
	buf_add_char(out, '\n');
	return OK;
}

/* "{% if recall %}" -> "recall". */
static bool is_condition(struct str line, struct str *ret_word)
{
	if (!str_starts_with(line, STR("{% if ")) || !str_ends_with(line, STR(" %}")))
		return false;
	*ret_word = str_slice(line, 6, line.len - 9);
	return true;
}

/* hidden: how deep within what is left out; 0: what is here is shown. */
static enum err put_text(struct cx *cx, struct buf *out, struct str text)
{
	struct str line, word;
	int depth = 0, hidden = 0;
	while (str_next(&text, '\n', &line)) {
		bool holds = true;
		if (is_condition(line, &word)) {
			TRY(judge(cx->portal->settings, word, &holds));
			depth++;
			if (!holds && hidden == 0)
				hidden = depth;
		} else if (str_eq(line, STR("{% end %}"))) {
			if (hidden == depth)
				hidden = 0;
			depth--;
		} else if (hidden == 0) {
			TRY(put_line(cx, out, line));
		}
	}
	return OK;
}

enum err learn_fill(struct cx *cx, const char *text, struct str *ret)
{
	struct buf CLEANUP_BUF out;
	buf_init(&out, LIMIT_MARKDOWN_BYTES);
	TRY(put_text(cx, &out, str_of(text)));
	if (out.err != OK)
		return out.err;
	*ret = arena_copy(cx->arena, buf_str(&out));
	return cx->arena->failed ? ERR_UNAVAILABLE : OK;
}
