-- Removes the events that the transport has confirmed. To remove one a second time changes nothing.
-- $1: their identifiers.
DELETE FROM outbox
WHERE id = ANY ($1::uuid[])
