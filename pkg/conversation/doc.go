// Package conversation says which messages of a chat belong together. It is pure: small
// structs in, keys out, no clock, no database.
//
// Messages of one chat and topic are put in order by time of sending, position and id, and
// grouped in two steps.
//
// A burst is what is said in one go. The order is cut where nothing was said for longer
// than the quiet gap and, where a chat never is that quiet, at the longest silence of each
// cell of a fixed grid (see breaks). Between two cuts a message joins the burst of its
// album; of what it replies to; the newest one in which its author spoke, while that is no
// older than the quiet gap; the newest one at all, while that is no older than the burst
// gap. Otherwise it opens a burst, and so does a reply to what was said before the cut. A
// message that opens a subject joins the newest one only where its author spoke last in it,
// within the burst gap: two matters that are brought up in one minute are two.
//
// A conversation is a burst with those that reply to it: a burst whose first message
// replies to a message of another joins that one, and so on upwards, while the first
// message of all is no older than the reply age. What is further from it stands alone. A
// conversation that gets too long is cut at its longest silences.
//
// Every rule looks a bounded way back and ahead, so that the result is a function of the
// set of messages alone: it does not depend on the order in which they arrived, and only a
// neighbourhood must be read when one arrives. The caller, in one transaction that holds a
// lock on the chat and topic:
//
//  1. stores the messages; a stored message that replies to one of them counts as arrived
//     too, as it now has a target;
//  2. reads the rows of each of Settings.Spans(arrived), and writes the bursts that
//     Settings.Bursts returns;
//  3. reads the trees of replies that those rows are part of (see Settings.Conversations)
//     and writes the conversations that Settings.Conversations returns.
package conversation
