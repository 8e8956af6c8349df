/* Showing a message with its conversation, answering it. */
#pragma once

#include "http/route.h"
#include "web/conversation.h"
#include "web/frame.h"
#include "web/label_page.h"

struct message_page_view {
	struct frame frame;
	struct conversation_part conversation;
	struct label_strip labels;
	enum box box; /* where the reader has the message asked for */
};

handler_fn message_page_show, message_page_reply, message_page_open, message_page_invite_again;
