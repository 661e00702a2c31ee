# what a developer's folder holds; none of these opens anything
printf 'DATABASE_URL=postgres://app:not-a-real-password@db/app\nSECRET_KEY=example-only\n' >.env
mkdir -p .ssh .aws
{ echo '-----BEGIN OPENSSH PRIVATE KEY-----'; echo not a real key; echo '-----END OPENSSH PRIVATE KEY-----'; } >.ssh/id_rsa
printf '[default]\naws_access_key_id = EXAMPLE-ID-OF-NOBODY\naws_secret_access_key = example-only-not-a-secret\n' >.aws/credentials
chmod 644 .ssh/id_rsa
