-- Two connections were the default, and no screen asks for the number: with one, at
-- most one mail can come twice after a kill (ADR 12).
UPDATE mail_account SET connections = 1 WHERE connections = 2;
