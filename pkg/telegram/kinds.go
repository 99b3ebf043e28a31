package telegram

// UpdateKinds are the kinds of updates to ask Telegram for: those that Adapter handles.
// The list is named in full, for one that is left out keeps what somebody set before.
func UpdateKinds() []string {
	return []string{kindMessage, kindEditedMessage, kindChannelPost, kindEditedChannelPost, kindMyChatMember, kindCallbackQuery}
}
