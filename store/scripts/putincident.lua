-- Writes a closed incident out of a backup, unless it came with its asset.
-- KEYS: incidents warning critical closed
-- ARGV: id, then the values of its fields
put_incident({incidents = KEYS[1], warning = KEYS[2], critical = KEYS[3], closed = KEYS[4]}, ARGV)
return 1
