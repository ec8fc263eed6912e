// Package chat is where clients and staff talk: one conversation for each client,
// groups of several, and broadcasts in which only the business writes.
//
// Owns the tables chat_conversations, chat_members, chat_marks, chat_messages,
// chat_edits, chat_notes, chat_uploads, chat_attachments, chat_preferences,
// chat_mailed, chat_replies, chat_scheduled, chat_found, chat_indexed,
// chat_reply_tokens and chat_inbound, the search index "chat", and files in the store.
//
// Emits chat.wrote, chat.answered, chat.created.
//
// What always holds:
//   - A message is acknowledged when it is durable. Within a conversation messages
//     have the numbers 1, 2, 3 … without gaps (seq), and so have changes to them (rev).
//   - The same client_msg_id of the same author in a conversation is one message.
//   - A client sees a conversation only as a member, and of it only what was
//     written since they joined. Who is no member hears the same as for a
//     conversation that is not there.
//   - Internal notes stand in a table that no statement for clients asks.
//   - A file belongs to who sent it until a message carries it, and is then seen by
//     whoever sees the message, and by nobody else.
//   - Frames go out in the order of rev (feed.go); who misses one asks for the
//     changes since the last rev they know.
//   - The direct conversation of a contact has the contact's id behind cv_, so it
//     is known before its first message makes it.
package chat
