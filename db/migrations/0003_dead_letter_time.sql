-- Dead letters are asked for by time: how many came lately, which are old enough to go.
CREATE INDEX dead_letter_received ON dead_letter (received_at);
