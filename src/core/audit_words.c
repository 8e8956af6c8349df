#include "core/audit_words.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "core/portal_settings.h"

#define K(kind) AUDIT_KIND(AUDIT_##kind)

static const struct {
	const char *word;
	enum text_id label;
	int64_t kinds;
} groups[AUDIT_GROUPS] = {
	[AUDIT_GROUP_ALL] = {"", TEXT_AUDIT_GROUP_ALL, 0},
	[AUDIT_GROUP_SIGN_IN] = {"sign_in", TEXT_AUDIT_GROUP_SIGN_IN,
				 K(SIGN_IN) | K(SIGN_IN_FAILED) | K(SIGN_OUT) | K(SESSION_ENDED) |
					 K(PASSWORD_CHANGED) | K(PASSWORD_RESET) |
					 K(RECOVERY_CODE) | K(HELP_ASKED)},
	[AUDIT_GROUP_PEOPLE] = {"people", TEXT_AUDIT_GROUP_PEOPLE,
				K(REGISTERED) | K(INVITED) | K(INVITED_AGAIN) | K(USER_ADDED) |
					K(USER_CHANGED) | K(USER_ADDRESS) | K(USER_HELPED) |
					K(USER_ERASED) | K(USERS_IMPORTED) | K(USERS_EXPORTED) |
					K(ADDRESS_ASKED)},
	[AUDIT_GROUP_PORTAL] = {"portal", TEXT_AUDIT_GROUP_PORTAL,
				K(RULE) | K(SETTING) | K(TEXT) | K(BRANDING)},
	[AUDIT_GROUP_MESSAGES] = {"messages", TEXT_AUDIT_GROUP_MESSAGES,
				  K(RECALL) | K(FILE_RECALL) | K(EXPORT)},
	[AUDIT_GROUP_SIGNATURES] = {"signatures", TEXT_AUDIT_GROUP_SIGNATURES,
				    K(SIGNING_SENT) | K(SIGNING_OPENED) | K(SIGNING_AGREED) |
					    K(SIGNING_SIGNED) | K(SIGNING_DECLINED) |
					    K(SIGNING_COMPLETED) | K(SIGNING_CANCELLED) |
					    K(SIGNING_EXPIRED) | K(SIGNING_REMINDED) |
					    K(SIGNING_DOWNLOADED)},
	[AUDIT_GROUP_KEEPING] = {"keeping", TEXT_AUDIT_GROUP_KEEPING,
				 K(AUDIT_EXPORTED) | K(BACKUP) | K(RESTORED) | K(MAILS_RETRIED) |
					 K(MAIL_TAKEN_OFF)},
};

const char *audit_group_word(enum audit_group group)
{
	return groups[group].word;
}

enum text_id audit_group_label(enum audit_group group)
{
	return groups[group].label;
}

int64_t audit_group_kinds(enum audit_group group)
{
	return groups[group].kinds;
}

enum err audit_group_parse(struct str word, enum audit_group *ret)
{
	for (int i = 0; i < AUDIT_GROUPS; i++) {
		if (!str_eq(word, str_of(groups[i].word)))
			continue;
		*ret = (enum audit_group)i;
		return OK;
	}
	return ERR_INVALID;
}

static const struct {
	const char *word;
	enum text_id sentence;
} kinds[AUDIT_KINDS] = {
	[AUDIT_SIGNING_SENT] = {"signing_sent", TEXT_AUDIT_SAYS_SIGNING_SENT},
	[AUDIT_SIGNING_OPENED] = {"signing_opened", TEXT_AUDIT_SAYS_SIGNING_OPENED},
	[AUDIT_SIGNING_AGREED] = {"signing_agreed", TEXT_AUDIT_SAYS_SIGNING_AGREED},
	[AUDIT_SIGNING_SIGNED] = {"signing_signed", TEXT_AUDIT_SAYS_SIGNING_SIGNED},
	[AUDIT_SIGNING_DECLINED] = {"signing_declined", TEXT_AUDIT_SAYS_SIGNING_DECLINED},
	[AUDIT_SIGNING_COMPLETED] = {"signing_completed", TEXT_AUDIT_SAYS_SIGNING_COMPLETED},
	[AUDIT_SIGNING_CANCELLED] = {"signing_cancelled", TEXT_AUDIT_SAYS_SIGNING_CANCELLED},
	[AUDIT_SIGNING_EXPIRED] = {"signing_expired", TEXT_AUDIT_SAYS_SIGNING_EXPIRED},
	[AUDIT_SIGNING_REMINDED] = {"signing_reminded", TEXT_AUDIT_SAYS_SIGNING_REMINDED},
	[AUDIT_SIGNING_DOWNLOADED] = {"signing_downloaded", TEXT_AUDIT_SAYS_SIGNING_DOWNLOADED},
	[AUDIT_SIGN_IN] = {"signed_in", TEXT_AUDIT_SAYS_SIGN_IN},
	[AUDIT_SIGN_IN_FAILED] = {"sign_in_failed", TEXT_AUDIT_SAYS_SIGN_IN_FAILED},
	[AUDIT_SIGN_OUT] = {"signed_out", TEXT_AUDIT_SAYS_SIGN_OUT},
	[AUDIT_SESSION_ENDED] = {"session_ended", TEXT_AUDIT_SAYS_SESSION_ENDED},
	[AUDIT_PASSWORD_CHANGED] = {"password_changed", TEXT_AUDIT_SAYS_PASSWORD_CHANGED},
	[AUDIT_PASSWORD_RESET] = {"password_reset", TEXT_AUDIT_SAYS_PASSWORD_RESET},
	[AUDIT_RECOVERY_CODE] = {"recovery_code_made", TEXT_AUDIT_SAYS_RECOVERY_CODE},
	[AUDIT_HELP_ASKED] = {"help_asked", TEXT_AUDIT_SAYS_HELP_ASKED},
	[AUDIT_REGISTERED] = {"registered", TEXT_AUDIT_SAYS_REGISTERED},
	[AUDIT_INVITED] = {"invited", TEXT_AUDIT_SAYS_INVITED},
	[AUDIT_INVITED_AGAIN] = {"invited_again", TEXT_AUDIT_SAYS_INVITED_AGAIN},
	[AUDIT_USER_ADDED] = {"user_added", TEXT_AUDIT_SAYS_USER_ADDED},
	[AUDIT_USER_CHANGED] = {"user_changed", TEXT_AUDIT_SAYS_USER_CHANGED},
	[AUDIT_USER_ADDRESS] = {"user_address_changed", TEXT_AUDIT_SAYS_USER_ADDRESS},
	[AUDIT_USER_HELPED] = {"user_helped", TEXT_AUDIT_SAYS_USER_HELPED},
	[AUDIT_USER_ERASED] = {"user_erased", TEXT_AUDIT_SAYS_USER_ERASED},
	[AUDIT_USERS_IMPORTED] = {"users_imported", TEXT_AUDIT_SAYS_USERS_IMPORTED},
	[AUDIT_USERS_EXPORTED] = {"users_exported", TEXT_AUDIT_SAYS_USERS_EXPORTED},
	[AUDIT_RULE] = {"rule_changed", TEXT_AUDIT_SAYS_RULE},
	[AUDIT_SETTING] = {"setting_changed", TEXT_AUDIT_SAYS_SETTING},
	[AUDIT_TEXT] = {"text_changed", TEXT_AUDIT_SAYS_TEXT},
	[AUDIT_BRANDING] = {"branding_changed", TEXT_AUDIT_SAYS_BRANDING},
	[AUDIT_RECALL] = {"message_recalled", TEXT_AUDIT_SAYS_RECALL},
	[AUDIT_FILE_RECALL] = {"file_recalled", TEXT_AUDIT_SAYS_FILE_RECALL},
	[AUDIT_EXPORT] = {"messages_exported", TEXT_AUDIT_SAYS_EXPORT},
	[AUDIT_AUDIT_EXPORTED] = {"audit_exported", TEXT_AUDIT_SAYS_AUDIT_EXPORTED},
	[AUDIT_BACKUP] = {"backup_made", TEXT_AUDIT_SAYS_BACKUP},
	[AUDIT_RESTORED] = {"restored", TEXT_AUDIT_SAYS_RESTORED},
	[AUDIT_MAILS_RETRIED] = {"mails_retried", TEXT_AUDIT_SAYS_MAILS_RETRIED},
	[AUDIT_MAIL_TAKEN_OFF] = {"mail_taken_off", TEXT_AUDIT_SAYS_MAIL_TAKEN_OFF},
	[AUDIT_ADDRESS_ASKED] = {"address_asked", TEXT_AUDIT_SAYS_ADDRESS_ASKED},
};

static bool is_known(enum audit_kind kind)
{
	return kind > 0 && kind < AUDIT_KINDS && kinds[kind].word != NULL;
}

const char *audit_kind_word(enum audit_kind kind)
{
	return is_known(kind) ? kinds[kind].word : "unknown";
}

static enum text_id choose_setting(const struct audit_view *view)
{
	return view->before.len == 0  ? TEXT_AUDIT_SAYS_SETTING_SET
	       : view->after.len == 0 ? TEXT_AUDIT_SAYS_SETTING_EMPTIED
				      : TEXT_AUDIT_SAYS_SETTING;
}

/* Some kinds have sentences for the sorts of it. */
static enum text_id choose(const struct audit_view *view)
{
	switch (view->entry.kind) {
	case AUDIT_SIGN_IN:
		return str_eq(view->after, STR("api")) ? TEXT_AUDIT_SAYS_SIGN_IN_API
						       : TEXT_AUDIT_SAYS_SIGN_IN;
	case AUDIT_SIGN_IN_FAILED:
		return str_eq(view->after, STR("more")) ? TEXT_AUDIT_SAYS_SIGN_IN_FAILED_MORE
		       : str_eq(view->after, STR("confirming")) ? TEXT_AUDIT_SAYS_CONFIRM_FAILED
								: TEXT_AUDIT_SAYS_SIGN_IN_FAILED;
	case AUDIT_SESSION_ENDED:
		return !id_is_empty(&view->entry.object_id) ? TEXT_AUDIT_SAYS_SESSIONS_ENDED_OF
		       : str_eq(view->after, STR("others")) ? TEXT_AUDIT_SAYS_SESSIONS_ENDED
							    : TEXT_AUDIT_SAYS_SESSION_ENDED;
	case AUDIT_USER_CHANGED:
		return str_eq(view->before, view->after) ? TEXT_AUDIT_SAYS_USER_CHANGED_OTHER
							 : TEXT_AUDIT_SAYS_USER_CHANGED;
	case AUDIT_RULE:
		return view->before.len == 0  ? TEXT_AUDIT_SAYS_RULE_ADDED
		       : view->after.len == 0 ? TEXT_AUDIT_SAYS_RULE_REMOVED
					      : TEXT_AUDIT_SAYS_RULE;
	case AUDIT_BRANDING:
		/* The logo has a name that says nothing to anybody. */
		return str_eq(view->subject, STR("logo")) ? TEXT_AUDIT_SAYS_BRANDING
							  : choose_setting(view);
	case AUDIT_SETTING: return choose_setting(view);
	case AUDIT_RECALL:
		return view->is_whole ? TEXT_AUDIT_SAYS_RECALL_WHOLE : TEXT_AUDIT_SAYS_RECALL;
	case AUDIT_USER_ADDRESS:
		return view->before.len == 0  ? TEXT_AUDIT_SAYS_USER_ALIAS_ADDED
		       : view->after.len == 0 ? TEXT_AUDIT_SAYS_USER_ALIAS_REMOVED
					      : TEXT_AUDIT_SAYS_USER_ADDRESS;
	case AUDIT_ADDRESS_ASKED:
		return view->after.len == 0 && view->before.len > 0
			       ? TEXT_AUDIT_SAYS_ADDRESS_WITHDRAWN
			       : TEXT_AUDIT_SAYS_ADDRESS_ASKED;
	default: return kinds[view->entry.kind].sentence;
	}
}

/* "guest member active": of what differs only. */
static struct str differing(struct cx *cx, struct str words, struct str others)
{
	struct buf out CLEANUP_BUF;
	struct str word, other;
	buf_init(&out, LIMIT_AUDIT_TEXT_BYTES);
	while (str_next(&words, ' ', &word)) {
		bool has_other = str_next(&others, ' ', &other);
		if ((has_other && str_eq(word, other)) ||
		    (!has_other && str_eq(word, STR("member"))))
			continue;
		buf_add(&out, out.len > 0 ? STR(", ") : STR_NONE);
		buf_add(&out, word);
	}
	return arena_copy(cx->arena, buf_str(&out));
}

/* Of RESTORED: when the backup was made. */
static struct str moment(struct cx *cx, struct str ms)
{
	int64_t at_ms;
	return str_to_int(ms, &at_ms) ? format_date_time(cx->arena, cx->language, STR("UTC"), at_ms)
				      : ms;
}

/* Long values, of texts say, are for who reads the entry by the API. */
static struct str shown(struct cx *cx, struct str value)
{
	enum { SHOWN_CHARS = 200 };
	struct str first = utf8_first(value, SHOWN_CHARS);
	return first.len == value.len ? value : arena_printf(cx->arena, "%.*s …", STR_ARGS(first));
}

static struct str setting_label(struct cx *cx, struct str name)
{
	size_t at;
	if (portal_settings_find(name, &at) != OK)
		return name;
	return text_get(cx->language, portal_settings_facts(at).label);
}

struct str audit_sentence(struct cx *cx, const struct audit_view *view, struct str who,
			  struct str whom)
{
	bool is_user = view->version > 0 && view->entry.kind != AUDIT_TEXT &&
		       view->entry.kind != AUDIT_USER_ADDRESS;
	struct str subject = view->subject;
	struct str before = is_user ? differing(cx, view->before, view->after) : view->before;
	struct str after = is_user ? differing(cx, view->after, view->before) : view->after;
	if (!is_known(view->entry.kind))
		return text_get(cx->language, TEXT_AUDIT_SAYS_UNKNOWN);
	if (view->is_changed)
		return text_get(cx->language, TEXT_AUDIT_SAYS_CHANGED);
	if (view->entry.kind == AUDIT_RESTORED)
		before = moment(cx, view->before);
	if (view->entry.kind == AUDIT_SETTING || view->entry.kind == AUDIT_BRANDING)
		subject = setting_label(cx, view->subject);
	/* What it said was erased: the kind says what is left. */
	if (subject.len == 0)
		subject = text_get(cx->language, TEXT_AUDIT_SOMETHING);
	if (whom.len == 0)
		whom = view->subject.len > 0 ? view->subject
					     : text_get(cx->language, TEXT_AUDIT_SOMEBODY);
	return TEXT_FILL(cx->arena, cx->language, choose(view), TEXT_ARG("who", who),
			 TEXT_ARG("whom", whom), TEXT_ARG("subject", shown(cx, subject)),
			 TEXT_ARG("before", shown(cx, before)), TEXT_ARG("after", shown(cx, after)),
			 TEXT_NUMBER("count", (int64_t)view->reached_count));
}
