#include "api/api.h"

#include "api/api_addresses.h"
#include "api/api_audit.h"
#include "api/api_drafts.h"
#include "api/api_events.h"
#include "api/api_export.h"
#include "api/api_files.h"
#include "api/api_groups.h"
#include "api/api_import.h"
#include "api/api_labels.h"
#include "api/api_logo.h"
#include "api/api_messages.h"
#include "api/api_overview.h"
#include "api/api_people.h"
#include "api/api_portal_settings.h"
#include "api/api_recall.h"
#include "api/api_registrations.h"
#include "api/api_rules.h"
#include "api/api_search.h"
#include "api/api_seats.h"
#include "api/api_send.h"
#include "api/api_session.h"
#include "api/api_settings.h"
#include "api/api_signing_kept.h"
#include "api/api_signings.h"
#include "api/api_texts.h"
#include "api/api_users.h"
#include "api/file_content.h"
#include "api/problem.h"
#include "api/tus.h"
#include "base/limits.h"
#include "core/session.h"

#define API(m, p, a, h)                                                                            \
	.method = METHOD_##m, .path = "/api/v1" p, .access = ACCESS_##a, .surface = SURFACE_API,   \
	.handle = (h)
#define API_OR_COOKIE(m, p, a, h)                                                                  \
	.method = METHOD_##m, .path = "/api/v1" p, .access = ACCESS_##a,                           \
	.surface = SURFACE_API_OR_COOKIE, .handle = (h)
#define TUS(m, p, a, h)                                                                            \
	.method = METHOD_##m, .path = "/files" p, .access = ACCESS_##a,                            \
	.surface = SURFACE_API_OR_COOKIE, .handle = (h)
/* In a request's table: its limits of bodies. A picture in base64, and what stands around it. */
enum { LIMIT_BODY_SIGNING = LIMIT_SIGNING_BYTES, LIMIT_BODY_MARK = 2 * LIMIT_SIGNING_PNG_BYTES };
#define MAY_TAKE_JSON(max) .body = BODY_JSON_OR_NONE, .body_max = (max)
#define TAKES_JSON(max) .body = BODY_JSON, .body_max = (max)

const struct route api_routes[] = {
	{API(POST, "/session", ANYONE, api_session_create), .lane = LANE_PASSWORD,
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(DELETE, "/session", SIGNED_IN, api_session_delete)},
	{API(GET, "/me", SIGNED_IN, api_session_me)},
	{API(POST, "/messages", SIGNED_IN, api_send_message), TAKES_JSON(LIMIT_BODY_MESSAGE)},
	{API(GET, "/messages", SIGNED_IN, api_messages_list)},
	{API(GET, "/messages/{id}", SIGNED_IN, api_messages_get)},
	{API(PATCH, "/messages/{id}", SIGNED_IN, api_messages_patch), TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(DELETE, "/messages/{id}", SIGNED_IN, api_messages_delete)},
	{API(POST, "/messages/{id}/open", SIGNED_IN, api_messages_open), .lane = LANE_PASSWORD,
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(POST, "/messages/{id}/reply", SIGNED_IN, api_send_reply),
	 TAKES_JSON(LIMIT_BODY_MESSAGE)},
	{API(POST, "/messages/{id}/recall", SIGNED_IN, api_recall_create),
	 .feature = FEATURE_RECALL, TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/messages/{id}/tracking", SIGNED_IN, api_recall_tracking)},
	{API_OR_COOKIE(GET, "/messages/{id}/files.zip", SIGNED_IN, file_content_zip)},
	{API(POST, "/messages/{id}/files.zip", SIGNED_IN, file_content_open_zip),
	 .lane = LANE_PASSWORD, TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(POST, "/messages/{id}/files/{file_id}/content", SIGNED_IN, file_content_open),
	 .lane = LANE_PASSWORD, TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(POST, "/messages/{id}/files/{file_id}/recall", SIGNED_IN, api_recall_create_of_file),
	 .feature = FEATURE_RECALL, TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/files", SIGNED_IN, api_files_list), .feature = FEATURE_FILES},
	{API(GET, "/files/{id}", SIGNED_IN, api_files_get)},
	{API(DELETE, "/files/{id}", SIGNED_IN, api_files_delete)},
	{API(POST, "/signature-requests", SIGNED_IN, api_signings_create),
	 .feature = FEATURE_SIGNATURES, .lane = LANE_DOCUMENTS, TAKES_JSON(LIMIT_BODY_MESSAGE)},
	{API(GET, "/signature-requests", SIGNED_IN, api_signings_list)},
	{API(POST, "/signature-requests/inspect", SIGNED_IN, api_signings_inspect),
	 .feature = FEATURE_SIGNATURES, .lane = LANE_DOCUMENTS, TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/signature-requests/{id}", SIGNED_IN, api_signings_get)},
	{API(GET, "/signature-requests/{id}/files/{file_id}", SIGNED_IN, api_signings_file)},
	{API(POST, "/signature-requests/{id}/sign", SIGNED_IN, api_signings_sign),
	 .lane = LANE_DOCUMENTS, TAKES_JSON(LIMIT_BODY_SIGNING)},
	{API(POST, "/signature-requests/{id}/decline", SIGNED_IN, api_signings_decline),
	 MAY_TAKE_JSON(LIMIT_BODY_SMALL)},
	{API(POST, "/signature-requests/{id}/cancel", SIGNED_IN, api_signings_cancel),
	 MAY_TAKE_JSON(LIMIT_BODY_SMALL)},
	{API(POST, "/signature-requests/{id}/remind", SIGNED_IN, api_signings_remind),
	 MAY_TAKE_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/signature-templates", SIGNED_IN, api_signing_kept_list),
	 .feature = FEATURE_SIGNATURES},
	{API(POST, "/signature-templates", SIGNED_IN, api_signing_kept_create),
	 .feature = FEATURE_SIGNATURES, TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/signature-templates/{id}", SIGNED_IN, api_signing_kept_get),
	 .feature = FEATURE_SIGNATURES},
	{API(PATCH, "/signature-templates/{id}", SIGNED_IN, api_signing_kept_rename),
	 .feature = FEATURE_SIGNATURES, TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(DELETE, "/signature-templates/{id}", SIGNED_IN, api_signing_kept_delete),
	 .feature = FEATURE_SIGNATURES},
	{API(GET, "/signatures", SIGNED_IN, api_signing_kept_marks)},
	{API(PUT, "/signatures/{kind}", SIGNED_IN, api_signing_kept_mark),
	 TAKES_JSON(LIMIT_BODY_MARK)},
	{API(DELETE, "/signatures/{kind}", SIGNED_IN, api_signing_kept_unmark)},
	{API(GET, "/search", SIGNED_IN, api_search_find)},
	{API(GET, "/labels", SIGNED_IN, api_labels_list)},
	{API(POST, "/labels", SIGNED_IN, api_labels_create), TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(PATCH, "/labels/{id}", SIGNED_IN, api_labels_rename), TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(DELETE, "/labels/{id}", SIGNED_IN, api_labels_delete)},
	{API(GET, "/labels/{id}/messages", SIGNED_IN, api_labels_messages)},
	{API(POST, "/drafts", SIGNED_IN, api_drafts_create), TAKES_JSON(LIMIT_BODY_MESSAGE)},
	{API(GET, "/drafts", SIGNED_IN, api_drafts_list)},
	{API(GET, "/drafts/{id}", SIGNED_IN, api_drafts_get)},
	{API(PUT, "/drafts/{id}", SIGNED_IN, api_drafts_update), TAKES_JSON(LIMIT_BODY_MESSAGE)},
	{API(DELETE, "/drafts/{id}", SIGNED_IN, api_drafts_delete)},
	{API(POST, "/drafts/{id}/send", SIGNED_IN, api_drafts_send)},
	{API(POST, "/export", SIGNED_IN, api_export), .lane = LANE_PASSWORD,
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API_OR_COOKIE(GET, "/events", SIGNED_IN, api_events), .is_background = true},
	{API(GET, "/people", SIGNED_IN, api_people_list)},
	{API(GET, "/people/{id}", SIGNED_IN, api_people_get)},
	{API(GET, "/people/{id}/messages", SIGNED_IN, api_people_messages)},
	{API(PUT, "/people/{id}/block", SIGNED_IN, api_people_block)},
	{API(DELETE, "/people/{id}/block", SIGNED_IN, api_people_unblock)},
	{API(GET, "/me/addresses", SIGNED_IN, api_addresses_get)},
	{API(PUT, "/me/address", SIGNED_IN, api_addresses_change), .lane = LANE_PASSWORD,
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(POST, "/me/aliases", SIGNED_IN, api_addresses_add), .lane = LANE_PASSWORD,
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(DELETE, "/me/aliases/{address}", SIGNED_IN, api_addresses_remove)},
	{API(DELETE, "/me/address-requests/{id}", SIGNED_IN, api_addresses_withdraw)},
	{API(GET, "/me/settings", SIGNED_IN, api_settings_get)},
	{API(PATCH, "/me/settings", SIGNED_IN, api_settings_patch), TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/settings", ADMINISTRATOR, api_portal_settings_get)},
	{API(PUT, "/settings", ADMINISTRATOR, api_portal_settings_put),
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/settings/logo", ADMINISTRATOR, api_logo_get)},
	{API(PUT, "/settings/logo", ADMINISTRATOR, api_logo_put), .body = BODY_STREAM},
	{API(DELETE, "/settings/logo", ADMINISTRATOR, api_logo_delete)},
	{API(GET, "/groups", SIGNED_IN, api_groups_list)},
	{API(POST, "/groups", SIGNED_IN, api_groups_create), TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/groups/{id}", SIGNED_IN, api_groups_get)},
	{API(PUT, "/groups/{id}", SIGNED_IN, api_groups_update), TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(DELETE, "/groups/{id}", SIGNED_IN, api_groups_delete)},
	{API(GET, "/audit", ADMINISTRATOR, api_audit_list)},
	{API_OR_COOKIE(GET, "/audit/export", ADMINISTRATOR, api_audit_export)},
	{API(POST, "/users/import", ADMINISTRATOR, api_import_create), .body = BODY_STREAM},
	{API(GET, "/users/export", ADMINISTRATOR, api_import_export)},
	{API(GET, "/seats", ADMINISTRATOR, api_seats_get)},
	{API(GET, "/texts", ADMINISTRATOR, api_texts_list)},
	{API(GET, "/texts/{name}", ADMINISTRATOR, api_texts_get)},
	{API(PUT, "/texts/{name}", ADMINISTRATOR, api_texts_put), TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(POST, "/texts/{name}/check", ADMINISTRATOR, api_texts_check),
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(POST, "/texts/{name}/test", ADMINISTRATOR, api_text_versions_test),
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/texts/{name}/versions", ADMINISTRATOR, api_text_versions_list)},
	{API(GET, "/users", ADMINISTRATOR, api_users_list)},
	{API(POST, "/users", ADMINISTRATOR, api_users_create), TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/users/{id}", ADMINISTRATOR, api_users_get)},
	{API(PATCH, "/users/{id}", ADMINISTRATOR, api_users_patch), TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(DELETE, "/users/{id}", ADMINISTRATOR, api_users_delete)},
	{API(GET, "/users/{id}/addresses", ADMINISTRATOR, api_addresses_get)},
	{API(POST, "/users/{id}/aliases", ADMINISTRATOR, api_addresses_add), .lane = LANE_PASSWORD,
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(DELETE, "/users/{id}/aliases/{address}", ADMINISTRATOR, api_addresses_remove)},
	{API(DELETE, "/users/{id}/address-requests/{request}", ADMINISTRATOR,
	     api_addresses_withdraw)},
	{API(POST, "/users/{id}/invite", ADMINISTRATOR, api_users_invite)},
	{API(POST, "/users/{id}/password-reset", ADMINISTRATOR, api_users_reset)},
	{API(GET, "/registration-rules", ADMINISTRATOR, api_rules_list)},
	{API(POST, "/registration-rules", ADMINISTRATOR, api_rules_create),
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/registration-rules/test", ADMINISTRATOR, api_rules_test)},
	{API(GET, "/registration-rules/{pattern}", ADMINISTRATOR, api_rules_get)},
	{API(PUT, "/registration-rules/{pattern}", ADMINISTRATOR, api_rules_put),
	 TAKES_JSON(LIMIT_BODY_SMALL)},
	{API(DELETE, "/registration-rules/{pattern}", ADMINISTRATOR, api_rules_delete)},
	{API(GET, "/overview", ADMINISTRATOR, api_overview_get)},
	{API(POST, "/mails/retry", ADMINISTRATOR, api_overview_retry)},
	{API(DELETE, "/mails/{id}", ADMINISTRATOR, api_overview_take_off)},
	{API(GET, "/address-links/{token}", ANYONE, api_addresses_link_get)},
	{API(POST, "/address-links/{token}", ANYONE, api_addresses_link_confirm),
	 .lane = LANE_PASSWORD, MAY_TAKE_JSON(LIMIT_BODY_SMALL)},
	{API(GET, "/registrations/{token}", ANYONE, api_registrations_get)},
	{API(POST, "/registrations/{token}", ANYONE, api_registrations_complete),
	 .lane = LANE_PASSWORD, TAKES_JSON(LIMIT_BODY_SMALL)},
	{TUS(OPTIONS, "", ANYONE, tus_options)},
	{TUS(POST, "", SIGNED_IN, tus_create), .feature = FEATURE_FILES, .body = BODY_STREAM},
	{TUS(OPTIONS, "/{id}", ANYONE, tus_options)},
	{TUS(HEAD, "/{id}", SIGNED_IN, tus_head)},
	{TUS(PATCH, "/{id}", SIGNED_IN, tus_patch), .body = BODY_STREAM, .may_override = true},
	{TUS(DELETE, "/{id}", SIGNED_IN, tus_delete), .may_override = true},
	{TUS(GET, "/{id}/content", SIGNED_IN, file_content_get)},
};
const size_t api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);

/* The token of "Bearer TOKEN"; the scheme's name has no case (RFC 9110 11.1). */
static struct str bearer_token(const struct request *req)
{
	struct str value = request_header(req, "Authorization");
	struct str scheme;
	if (!str_next(&value, ' ', &scheme) || !str_eq_nocase(scheme, STR("Bearer")))
		return STR_NONE;
	return str_trim(value);
}

enum err api_authenticate(struct cx *cx, const struct request *req, enum surface surface)
{
	struct str token = bearer_token(req);
	if (surface != SURFACE_API || token.len == 0)
		return OK;
	enum err err = session_open(cx, token, SESSION_API, &cx->session);
	return err == ERR_NOT_FOUND || err == ERR_INVALID || err == ERR_DENIED ? OK : err;
}

void api_refuse(struct cx *cx, const struct request *req, struct response *res,
		enum surface surface, enum err err)
{
	(void)req;
	(void)surface;
	(void)err;
	problem_answer_status(cx, res);
}
