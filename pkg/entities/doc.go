// Package entities finds what a message names: dates and deadlines, versions, components,
// links, code, mentions, issues and urgency, by rules, in English, Ukrainian and Russian and
// in their mixtures. It is pure, and takes time linear in the length of the text.
//
// No well-kept Go library reads all three languages, finds dates inside of a text, and tells
// deadlines from other dates; what comes near tries hundreds of patterns on each text. So
// the words of each language are data (language_*.go); one grammar reads them all, since
// people mix them in one sentence. What a date means depends on when and where it was
// written, so that Find takes the message's time and the zone of its chat:
//
//   - A date without a year is the nearest one; behind a deadline word, one of up to a
//     month ago or the next.
//   - A weekday is the next one, today included; "since" one is the last; "next" one is that
//     of the next week, which begins on Monday; "last" one is the last before today.
//   - The end of a week is its Friday (its Sunday, from Saturday on); a deadline in a week
//     is due then too.
//   - 12/31 is what fits; where both do, the day stands first.
//   - 15.12 is a date where both have two digits and no Latin word stands before ("Ubuntu
//     24.04"), or behind a word such as "by", unless what is by then is an upgrade; a
//     fraction such as 10/12 only behind such a word.
//   - A time of day without a date is that of the message's day; behind a deadline word the
//     next one.
//   - A time that the clock skips in spring is that much later; of one that it repeats in
//     autumn, the first.
package entities
