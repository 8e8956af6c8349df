#include "web/frame.h"

#include "base/limits.h"
#include "core/branding.h"
#include "core/mailbox.h"
#include "core/signing_list.h"
#include "http/form.h"
#include "web/learn.h"

void frame_init_plain(struct cx *cx, struct str title, struct frame *ret)
{
	*ret = (struct frame){
		.language = language_tag(cx->language),
		.portal_name = cx->portal->settings->name,
		.title = title,
		.theme = branding_theme_name(cx->arena, cx->portal->settings),
		.logo = branding_logo_name(cx->arena, cx->portal->settings),
		.support = cx->portal->settings->support,
		.password_min = cx->portal->settings->password_min_chars,
		.has_breached_check = cx->portal->settings->has_breached_check &&
				      cx->portal->breached_path.len > 0,
	};
	const struct learn_page *help =
		cx->route ? learn_about(cx->portal->settings, cx->route) : NULL;
	ret->help = help ? help->name : NULL;
	if (cx->session == NULL)
		return;
	ret->is_signed_in = true;
	ret->is_administrator = policy_may(cx, ACT_ADMINISTER);
	for (int act = 0; act < ACT_COUNT; act++)
		ret->may[act] = policy_may(cx, act);
	ret->live_since = cx->live_since;
	ret->user_name = user_label(&cx->session->user);
}

enum err frame_init(struct cx *cx, struct str title, enum place place, struct frame *ret)
{
	int64_t unread = 0;
	if (cx->session)
		TRY(mailbox_unread_count(cx, &unread));
	frame_init_plain(cx, title, ret);
	ret->place = place;
	ret->unread = unread;
	return frame_count_signing(cx, ret);
}

enum err frame_count_signing(struct cx *cx, struct frame *frame)
{
	struct signing_counts counts;
	if (cx->session == NULL)
		return OK;
	TRY(signing_count(cx, &counts));
	frame->to_sign = counts.mine;
	frame->has_signatures = counts.has_any || frame->place == PLACE_SIGNATURES;
	return OK;
}

struct html frame_html(struct cx *cx, struct response *res)
{
	return (struct html){.out = &res->body, .language = cx->language, .arena = cx->arena};
}

static const struct notice {
	const char *word;
	enum text_id id;
} notices[] = {
	{"mails-retried", TEXT_OVERVIEW_RETRIED_NONE},
	{"mail-taken-off", TEXT_OVERVIEW_TAKEN_OFF},
	{"mail-gone", TEXT_OVERVIEW_GONE},
	{"sent", TEXT_MESSAGE_SENT},
	{"replied", TEXT_MESSAGE_REPLIED},
	{"invited-again", TEXT_MESSAGE_INVITED_AGAIN},
	{"invited-often", TEXT_ERROR_INVITED_OFTEN},
	{"registered-already", TEXT_MESSAGE_REGISTERED_ALREADY},
	{"archived", TEXT_BOX_ARCHIVED},
	{"trashed", TEXT_BOX_TRASHED},
	{"moved-back", TEXT_BOX_MOVED_BACK},
	{"marked-read", TEXT_BOX_MARKED_READ},
	{"marked-unread", TEXT_BOX_MARKED_UNREAD},
	{"recalled", TEXT_RECALL_DONE},
	{"recalled-unsigned", TEXT_RECALL_DONE_UNSIGNED},
	{"recalled-some", TEXT_RECALL_DONE_SOME},
	{"destroyed", TEXT_BOX_DESTROYED},
	{"trash-emptied", TEXT_TRASH_EMPTIED},
	{"none-chosen", TEXT_BOX_NONE_CHOSEN},
	{"undone", TEXT_BOX_UNDONE},
	{"label-made", TEXT_LABELS_MADE},
	{"label-renamed", TEXT_LABELS_RENAMED},
	{"label-deleted", TEXT_LABELS_DELETED},
	{"labelled", TEXT_LABELS_WAS_PUT},
	{"unlabelled", TEXT_LABELS_WAS_TAKEN},
	{"labels-many", TEXT_LABELS_TOO_MANY},
	{"labels-saved", TEXT_LABELS_SAVED},
	{"saved", TEXT_ACCOUNT_SAVED},
	{"settings-saved", TEXT_ADMIN_SETTINGS_SAVED},
	{"password-changed", TEXT_ACCOUNT_PASSWORD_CHANGED},
	{"draft-saved", TEXT_DRAFT_SAVED},
	{"draft-deleted", TEXT_DRAFT_DELETED},
	{"draft-gone", TEXT_DRAFT_GONE_NOTICE},
	{"template-kept", TEXT_FIELDS_TEMPLATE_KEPT},
	{"template-used", TEXT_FIELDS_TEMPLATE_USED},
	{"template-deleted", TEXT_FIELDS_TEMPLATE_DELETED},
	{"template-gone", TEXT_FIELDS_TEMPLATE_GONE},
	{"file-removed", TEXT_FILE_PAGE_REMOVED},
	{"file-recalled", TEXT_FILE_RECALL_DONE},
	{"file-recalled-some", TEXT_FILE_RECALL_DONE_SOME},
	{"blocked", TEXT_PEOPLE_BLOCKED_NOTICE},
	{"unblocked", TEXT_PEOPLE_UNBLOCKED},
	{"group-saved", TEXT_GROUP_SAVED},
	{"group-deleted", TEXT_GROUP_DELETED},
	{"signed", TEXT_SIGNING_CARD_WAS_SIGNED},
	{"sealed", TEXT_SIGNING_CARD_WAS_SEALED},
	{"declined", TEXT_SIGNING_CARD_WAS_DECLINED},
	{"signing-cancelled", TEXT_SIGNING_CARD_WAS_CANCELLED},
	{"signing-late", TEXT_SIGNING_CARD_LATE},
	{"reminded-often", TEXT_SIGNING_CARD_REMINDED_OFTEN},
	{"mark-kept", TEXT_OWN_MARK_WAS_KEPT},
	{"mark-deleted", TEXT_OWN_MARK_WAS_DELETED},
	{"text-saved", TEXT_TEXTS_SAVED},
	{"text-standard", TEXT_TEXTS_IS_STANDARD},
	{"users-changed", TEXT_ADMIN_USERS_WAS_CHANGED},
	{"users-none", TEXT_ADMIN_USERS_NONE_CHOSEN},
	{"user-saved", TEXT_ADMIN_USERS_SAVED},
	{"user-added", TEXT_ADMIN_USERS_WAS_ADDED},
	{"user-helped", TEXT_ADMIN_USERS_HELPED},
	{"user-invited", TEXT_ADMIN_USERS_INVITED},
	{"user-erased", TEXT_ADMIN_USERS_ERASED},
	{"address-asked", TEXT_ADDRESSES_SENT},
	{"address-withdrawn", TEXT_ADDRESSES_WITHDRAWN},
	{"address-removed", TEXT_ADDRESSES_REMOVED},
	{"ended-one", TEXT_ACCOUNT_ENDED_ONE},
	{"ended-others", TEXT_ACCOUNT_ENDED_OTHERS},
	{"rule-saved", TEXT_RULES_SAVED},
	{"rule-deleted", TEXT_RULES_DELETED},
	{"rules-set", TEXT_RULES_SET},
};

struct str frame_notice(struct cx *cx, const struct request *req)
{
	struct form query;
	struct str site = request_header(req, "Sec-Fetch-Site");
	/* Only for our own redirects: whoever follows somebody's link is told nothing that did not
	 * happen. */
	if (site.len > 0 && !str_eq(site, STR("same-origin")))
		return STR_NONE;
	if (req->query.len == 0 || form_parse(cx->arena, req->query, &query) != OK)
		return STR_NONE;
	struct str word = form_value(&query, "done");
	int64_t count = 0;
	if (str_eq(word, STR("sent")) && str_to_int(form_value(&query, "invited"), &count) &&
	    count > 0 && count <= LIMIT_RECIPIENTS)
		return TEXT_FILL(cx->arena, cx->language, TEXT_MESSAGE_SENT_INVITED,
				 TEXT_NUMBER("count", count));
	if (str_eq(word, STR("reminded")) && str_to_int(form_value(&query, "count"), &count) &&
	    count > 0 && count <= LIMIT_SIGNING_SIGNERS)
		return TEXT_FILL(cx->arena, cx->language, TEXT_SIGNING_CARD_REMINDED,
				 TEXT_NUMBER("count", count));
	for (size_t i = 0; i < sizeof notices / sizeof notices[0]; i++) {
		if (str_eq(word, str_of(notices[i].word)))
			return text_get(cx->language, notices[i].id);
	}
	return STR_NONE;
}
