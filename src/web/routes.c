#include "web/routes.h"

#include "base/limits.h"
#include "web/account_page.h"
#include "web/address_page.h"
#include "web/admin_settings_page.h"
#include "web/audit_page.h"
#include "web/box_page.h"
#include "web/branding_page.h"
#include "web/compose_json.h"
#include "web/compose_page.h"
#include "web/draft_files_page.h"
#include "web/draft_page.h"
#include "web/export_page.h"
#include "web/fields_page.h"
#include "web/file_open_page.h"
#include "web/file_page.h"
#include "web/group_page.h"
#include "web/help_page.h"
#include "web/import_page.h"
#include "web/label_page.h"
#include "web/learn_page.h"
#include "web/library_page.h"
#include "web/message_page.h"
#include "web/move_page.h"
#include "web/overview_page.h"
#include "web/own_mark_page.h"
#include "web/people_page.h"
#include "web/recall_page.h"
#include "web/register_page.h"
#include "web/rules_page.h"
#include "web/search_page.h"
#include "web/seats_page.h"
#include "web/settings_page.h"
#include "web/sign_document.h"
#include "web/sign_in_page.h"
#include "web/sign_page.h"
#include "web/sign_reason_page.h"
#include "web/signatures_page.h"
#include "web/text_page.h"
#include "web/user_page.h"
#include "web/users_page.h"
#include "web/well_known.h"

#define GET(p, who, handler)                                                                       \
	{                                                                                          \
		.method = METHOD_GET, .path = (p), .access = ACCESS_##who,                         \
		.surface = SURFACE_PAGE, .handle = (handler)                                       \
	}
#define POST(p, who, works, max, handler)                                                          \
	{                                                                                          \
		.method = METHOD_POST, .path = (p), .access = ACCESS_##who,                        \
		.surface = SURFACE_PAGE, .lane = LANE_##works, .body = BODY_FORM,                  \
		.body_max = LIMIT_BODY_##max, .handle = (handler)                                  \
	}

/* The same of what can be switched off. */
#define GET_IF(f, p, who, handler)                                                                 \
	{                                                                                          \
		.method = METHOD_GET, .path = (p), .access = ACCESS_##who,                         \
		.surface = SURFACE_PAGE, .feature = FEATURE_##f, .handle = (handler)               \
	}
#define POST_IF(f, p, who, works, max, handler)                                                    \
	{                                                                                          \
		.method = METHOD_POST, .path = (p), .access = ACCESS_##who,                        \
		.surface = SURFACE_PAGE, .lane = LANE_##works, .body = BODY_FORM,                  \
		.body_max = LIMIT_BODY_##max, .feature = FEATURE_##f, .handle = (handler)          \
	}

#define POST_STREAM_IF(f, p, who, handler)                                                         \
	{                                                                                          \
		.method = METHOD_POST, .path = (p), .access = ACCESS_##who,                        \
		.surface = SURFACE_PAGE, .body = BODY_STREAM, .feature = FEATURE_##f,              \
		.handle = (handler)                                                                \
	}

enum { LIMIT_BODY_SIGNING = LIMIT_SIGNING_BYTES };

/* clang-format off */
const struct route web_routes[] = {
	GET("/",                      ANYONE,    box_page_start),
	GET("/robots.txt",            ANYONE,    well_known_robots),
	GET("/favicon.ico",           ANYONE,    well_known_icon),

	GET("/learn",                 ANYONE,    learn_page_index),
	GET("/learn/{name}",          ANYONE,    learn_page_show),

	GET("/sign-in",               ANYONE,    sign_in_page_show),
	POST("/sign-in",              ANYONE,    PASSWORD, SMALL, sign_in_page_submit),
	POST("/sign-out",             ANYONE,    NORMAL, SMALL, sign_in_page_leave),
	GET("/help-signing-in",       ANYONE,    help_page_show),
	POST("/help-signing-in",      ANYONE,    NORMAL, SMALL, help_page_submit),
	GET("/reset/{token}",         ANYONE,    help_page_reset_show),
	POST("/reset/{token}",        ANYONE,    PASSWORD, SMALL, help_page_reset_submit),
	GET("/address/{token}",       ANYONE,    address_page_link_show),
	POST("/address/{token}",      ANYONE,    PASSWORD, SMALL, address_page_link_submit),
	GET("/register/{token}",      ANYONE,    register_page_show),
	POST("/register/{token}",     ANYONE,    PASSWORD, SMALL, register_page_submit),
	POST("/register/{token}/renew", ANYONE,  NORMAL, SMALL, register_page_renew),

	GET("/admin",                 ADMINISTRATOR, overview_page_show),
	POST("/admin/mails/retry",    ADMINISTRATOR, NORMAL, SMALL, overview_page_retry),
	POST("/admin/mails/{id}/take-off", ADMINISTRATOR, NORMAL, SMALL, overview_page_take_off),

	GET("/inbox",                 SIGNED_IN, box_page_inbox),
	GET("/sent",                  SIGNED_IN, box_page_sent),
	GET("/archive",               SIGNED_IN, box_page_archive),
	GET("/trash",                 SIGNED_IN, box_page_trash),
	POST("/messages/act",         SIGNED_IN, NORMAL, SMALL, move_page_act),
	GET("/search",                SIGNED_IN, search_page_show),
	GET("/labels",                SIGNED_IN, label_page_list),
	POST("/labels",               SIGNED_IN, NORMAL, SMALL, label_page_create),
	POST("/labels/{id}/rename",   SIGNED_IN, NORMAL, SMALL, label_page_rename),
	POST("/labels/{id}/delete",   SIGNED_IN, NORMAL, SMALL, label_page_delete),
	GET("/label/{id}",            SIGNED_IN, label_page_show),
	POST("/message/{id}/labels",  SIGNED_IN, NORMAL, SMALL, label_page_set),
	GET("/message/{id}",          SIGNED_IN, message_page_show),
	GET_IF(RECALL, "/message/{id}/recall", SIGNED_IN, recall_page_show),
	POST_IF(RECALL, "/message/{id}/recall", SIGNED_IN, NORMAL, SMALL, recall_page_submit),
	GET("/message/{id}/files.zip", SIGNED_IN, file_open_page_zip),
	GET("/message/{id}/files/open", SIGNED_IN, file_open_page_show),
	POST("/message/{id}/files/open", SIGNED_IN, PASSWORD, SMALL, file_open_page_submit),
	GET_IF(RECALL, "/message/{id}/files/{file}/recall", SIGNED_IN, recall_page_file_show),
	POST_IF(RECALL, "/message/{id}/files/{file}/recall", SIGNED_IN, NORMAL, SMALL, recall_page_file_submit),
	POST("/message/{id}/destroy", SIGNED_IN, NORMAL, SMALL, move_page_destroy),
	POST("/trash/empty",          SIGNED_IN, NORMAL, SMALL, move_page_empty_trash),
	POST("/message/{id}/open",    SIGNED_IN, PASSWORD, SMALL, message_page_open),
	POST("/message/{id}/reply",   SIGNED_IN, NORMAL, MESSAGE, message_page_reply),
	POST("/message/{id}/reply/save", SIGNED_IN, NORMAL, MESSAGE, draft_page_save_reply),
	GET("/message/{id}/sign",     SIGNED_IN, sign_page_show),
	POST("/message/{id}/sign",    SIGNED_IN, DOCUMENTS, SIGNING, sign_page_submit),
	POST("/message/{id}/sign/confirmed", SIGNED_IN, DOCUMENTS, SIGNING, sign_page_submit_password),
	GET("/message/{id}/sign/decline", SIGNED_IN, sign_reason_page_decline_show),
	POST("/message/{id}/sign/decline", SIGNED_IN, NORMAL, SMALL, sign_reason_page_decline),
	GET("/message/{id}/signing/cancel", SIGNED_IN, sign_reason_page_cancel_show),
	POST("/message/{id}/signing/cancel", SIGNED_IN, NORMAL, SMALL, sign_reason_page_cancel),
	POST("/message/{id}/signing/remind", SIGNED_IN, NORMAL, SMALL, sign_reason_page_remind),
	GET("/message/{id}/documents/{position}", SIGNED_IN, sign_document_get),
	GET("/signatures",            SIGNED_IN, signatures_page_show),
	GET("/compose",               SIGNED_IN, compose_page_show),
	POST("/compose",              SIGNED_IN, NORMAL, MESSAGE, compose_page_submit),
	POST("/compose/people",       SIGNED_IN, NORMAL, MESSAGE, compose_json_people),
	POST_IF(SIGNATURES, "/compose/inspect", SIGNED_IN, DOCUMENTS, SMALL, compose_json_inspect),
	GET("/drafts",                SIGNED_IN, draft_page_list),
	POST("/drafts/save",          SIGNED_IN, NORMAL, MESSAGE, draft_page_save),
	POST("/drafts/{id}/delete",   SIGNED_IN, NORMAL, SMALL, draft_page_delete),
	GET_IF(FILES, "/drafts/{id}/files", SIGNED_IN, draft_files_page_show),
	POST_STREAM_IF(FILES, "/drafts/{id}/files", SIGNED_IN, draft_files_page_upload),
	POST_IF(FILES, "/drafts/{id}/files/add", SIGNED_IN, NORMAL, SMALL, draft_files_page_add),
	POST_IF(FILES, "/drafts/{id}/files/remove", SIGNED_IN, NORMAL, SMALL, draft_files_page_remove),
	GET_IF(SIGNATURES, "/drafts/{id}/fields", SIGNED_IN, fields_page_show),
	POST_IF(SIGNATURES, "/drafts/{id}/fields", SIGNED_IN, DOCUMENTS, MESSAGE, fields_page_submit),
	POST_IF(SIGNATURES, "/drafts/{id}/fields/save", SIGNED_IN, NORMAL, MESSAGE, fields_page_save),
	GET_IF(FILES, "/compose/files", SIGNED_IN, library_page_json),
	GET_IF(FILES, "/files", SIGNED_IN, library_page_list),
	GET("/files/{id}",            SIGNED_IN, file_page_show),
	POST("/files/{id}/remove",    SIGNED_IN, NORMAL, SMALL, file_page_remove),
	GET("/people",                SIGNED_IN, people_page_list),
	GET("/people/{id}",           SIGNED_IN, people_page_show),
	POST("/people/{id}/block",    SIGNED_IN, NORMAL, SMALL, people_page_block),
	POST("/people/{id}/unblock",  SIGNED_IN, NORMAL, SMALL, people_page_unblock),
	GET("/people/groups/new",     SIGNED_IN, group_page_new),
	POST("/people/groups",        SIGNED_IN, NORMAL, SMALL, group_page_create),
	GET("/people/groups/{id}",    SIGNED_IN, group_page_show),
	POST("/people/groups/{id}",   SIGNED_IN, NORMAL, SMALL, group_page_save),
	POST("/people/groups/{id}/delete", SIGNED_IN, NORMAL, SMALL, group_page_delete),
	GET("/people/suggest",        SIGNED_IN, compose_json_suggest),
	POST("/people/{id}/invite-again", SIGNED_IN, NORMAL, SMALL, message_page_invite_again),

	GET("/admin/users",           ADMINISTRATOR, users_page_list),
	POST("/admin/users/act",      ADMINISTRATOR, NORMAL, SMALL, users_page_act),
	GET("/admin/users/new",       ADMINISTRATOR, user_page_new),
	POST("/admin/users/new",      ADMINISTRATOR, NORMAL, SMALL, user_page_add),
	GET("/admin/users/{id}",      ADMINISTRATOR, user_page_show),
	POST("/admin/users/{id}",     ADMINISTRATOR, NORMAL, SMALL, user_page_change),
	POST("/admin/users/{id}/invite", ADMINISTRATOR, NORMAL, SMALL, user_page_invite),
	POST("/admin/users/{id}/password-reset", ADMINISTRATOR, NORMAL, SMALL, user_page_help),
	POST("/admin/users/{id}/sessions/{session}/end", ADMINISTRATOR, NORMAL, SMALL, user_page_end_session),
	GET("/admin/users/{id}/address", ADMINISTRATOR, address_page_show),
	POST("/admin/users/{id}/address", ADMINISTRATOR, PASSWORD, SMALL, address_page_ask),
	POST("/admin/users/{id}/address/remove", ADMINISTRATOR, NORMAL, SMALL, address_page_remove),
	POST("/admin/users/{id}/address/{link}/withdraw", ADMINISTRATOR, NORMAL, SMALL, address_page_withdraw),
	GET("/admin/users/{id}/erase", ADMINISTRATOR, user_page_erase_show),
	POST("/admin/users/{id}/erase", ADMINISTRATOR, PASSWORD, SMALL, user_page_erase),
	GET("/export",                SIGNED_IN, export_page_show),
	POST("/export",               SIGNED_IN, PASSWORD, SMALL, export_page_download),
	GET("/admin/texts",           ADMINISTRATOR, text_page_list),
	GET("/admin/texts/{name}",    ADMINISTRATOR, text_page_show),
	POST("/admin/texts/{name}",   ADMINISTRATOR, NORMAL, SMALL, text_page_submit),
	GET("/settings",              SIGNED_IN, settings_page_show),
	POST("/settings",             SIGNED_IN, NORMAL, SMALL, settings_page_save),
	GET("/settings/signature",    SIGNED_IN, own_mark_page_show),
	POST("/settings/signature",   SIGNED_IN, NORMAL, SIGNING, own_mark_page_save),
	GET("/settings/signature/{mark}", SIGNED_IN, own_mark_page_picture),
	GET("/account",               SIGNED_IN, account_page_show),
	GET("/account/address",       SIGNED_IN, address_page_show),
	POST("/account/address",      SIGNED_IN, PASSWORD, SMALL, address_page_ask),
	POST("/account/address/remove", SIGNED_IN, NORMAL, SMALL, address_page_remove),
	POST("/account/address/{id}/withdraw", SIGNED_IN, NORMAL, SMALL, address_page_withdraw),
	POST("/account/name",         SIGNED_IN, NORMAL, SMALL, account_page_name),
	POST("/account/locale",       SIGNED_IN, NORMAL, SMALL, account_page_locale),
	POST("/account/password",     SIGNED_IN, PASSWORD, SMALL, account_page_password),
	POST("/account/recovery-code", SIGNED_IN, PASSWORD, SMALL, account_page_recovery),
	POST("/account/sessions/end-others", SIGNED_IN, NORMAL, SMALL, account_page_end_others),
	GET("/admin/audit",           ADMINISTRATOR, audit_page_show),
	GET("/admin/users/import",    ADMINISTRATOR, import_page_show),
	POST_STREAM_IF(ALWAYS, "/admin/users/import", ADMINISTRATOR, import_page_submit),
	GET("/admin/users/export.csv", ADMINISTRATOR, import_page_export),
	GET("/admin/seats",           ADMINISTRATOR, seats_page_show),
	GET("/admin/seats/days.csv",  ADMINISTRATOR, seats_page_days),
	GET("/admin/seats/changes.csv", ADMINISTRATOR, seats_page_changes),
	GET("/admin/rules",           ADMINISTRATOR, rules_page_show),
	POST("/admin/rules",          ADMINISTRATOR, NORMAL, SMALL, rules_page_create),
	POST("/admin/rules/change",   ADMINISTRATOR, NORMAL, SMALL, rules_page_change),
	POST("/admin/rules/delete",   ADMINISTRATOR, NORMAL, SMALL, rules_page_delete),
	POST("/admin/rules/settings", ADMINISTRATOR, NORMAL, SMALL, rules_page_settings),
	POST("/account/sessions/{id}/end", SIGNED_IN, NORMAL, SMALL, account_page_end_one),

	GET("/admin/settings",        ADMINISTRATOR, admin_settings_page_show),
	POST("/admin/settings",       ADMINISTRATOR, NORMAL, SMALL, admin_settings_page_save),
	GET("/admin/branding",        ADMINISTRATOR, branding_page_show),
	POST_STREAM_IF(ALWAYS, "/admin/branding", ADMINISTRATOR, branding_page_save),
	GET("/branding/{name}",       ANYONE,    branding_page_file),
};
/* clang-format on */
const size_t web_route_count = sizeof web_routes / sizeof web_routes[0];
