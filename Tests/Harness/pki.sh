#!/bin/sh
# Makes the certificates of the TLS tests in a folder, with OpenSSL's own tools: pki.sh FOLDER
set -eu
cd "$1"

for ca in root other; do
    mkdir -p $ca.db
    : >$ca.db/index.txt
    echo unique_subject=no >$ca.db/index.txt.attr
    cat >$ca.cnf <<END
[ca]
default_ca = this
[this]
database = $ca.db/index.txt
rand_serial = yes
new_certs_dir = $ca.db
certificate = $ca.pem
private_key = $ca.key
default_md = sha256
default_days = 30
default_crl_days = 30
policy = anything
[anything]
commonName = supplied
organizationName = optional
END
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $ca.key -out $ca.pem -days 30 \
        -subj "/CN=$ca authority" -addext keyUsage=critical,keyCertSign,cRLSign
done
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out leaf.key
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out stranger.key
openssl genpkey -algorithm ED25519 -out ed25519.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.key
openssl pkey -in leaf.key -aes256 -passout pass:secret -out encrypted.key

# leaf NAME CA KEY SUBJECT EXTENSIONS [OPTIONS OF openssl ca]: NAME.pem, signed by CA.
leaf() {
    name=$1 ca=$2 key=$3 subject=$4 extensions=$5
    shift 5
    printf "$extensions" >$name.ext
    openssl req -new -key $key.key -subj "$subject" -out $name.csr
    openssl ca -batch -config $ca.cnf -in $name.csr -out $name.pem -extfile $name.ext -notext -preserveDN -rand_serial "$@"
}
server='extendedKeyUsage=serverAuth\n'
client='extendedKeyUsage=clientAuth\n'
here='subjectAltName=DNS:localhost,DNS:db.example.com,DNS:*.wild.example.com,IP:127.0.0.1\n'
past='-startdate 20200101000000Z -enddate 20210101000000Z'
future='-startdate 20900101000000Z -enddate 20910101000000Z'

leaf server root leaf /CN=localhost "$server$here"
leaf elsewhere root leaf /CN=elsewhere "${server}subjectAltName=DNS:elsewhere.example.com\n"
leaf expired root leaf /CN=localhost "$server$here" $past
leaf future root leaf /CN=localhost "$server$here" $future
leaf foreign other leaf /CN=localhost "$server$here"
leaf forclients root leaf /CN=localhost "$client$here"
leaf withdrawn root leaf /CN=localhost "$server$here"
leaf nameonly root leaf /CN=localhost "$server"
leaf rsa root rsa /CN=localhost "$server$here" -md sha512
leaf ed25519 root ed25519 /CN=localhost "$server$here"
leaf weak root weak /CN=localhost "$server$here"
leaf alice root leaf /O=Example/CN=alice "${client}subjectAltName=email:alice@example.com,URI:spiffe://example/alice\n"
leaf aliceexpired root leaf /CN=alice "$client" $past
leaf alicefuture root leaf /CN=alice "$client" $future
leaf aliceforeign other leaf /CN=alice "$client"
leaf alicewithdrawn root leaf /CN=alice "$client"
leaf aliceserver root leaf /CN=alice "$server"
# dNSName "localhost", NUL, ".example.com"
leaf nul root leaf /CN=nul "${server}subjectAltName=DER:30:18:82:16:6c:6f:63:61:6c:68:6f:73:74:00:2e:65:78:61:6d:70:6c:65:2e:63:6f:6d\n"
openssl x509 -req -in server.csr -signkey leaf.key -out selfsigned.pem -days 30 -extfile server.ext
openssl req -x509 -key ed25519.key -out ed25519self.pem -days 30 -subj /CN=localhost

leaf middle root stranger '/CN=middle authority' 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n'
openssl x509 -req -in server.csr -CA middle.pem -CAkey stranger.key -CAcreateserial -days 30 -extfile server.ext \
    -out under.pem
cat under.pem middle.pem >chained.pem
# A leaf that plays authority.
openssl x509 -req -in server.csr -CA elsewhere.pem -CAkey leaf.key -CAcreateserial -days 30 -extfile server.ext \
    -out usurped.pem
cat usurped.pem elsewhere.pem >usurped.chain.pem

openssl ca -config root.cnf -revoke withdrawn.pem
openssl ca -config root.cnf -revoke alicewithdrawn.pem
openssl ca -config root.cnf -gencrl -out root.crl
openssl ca -config root.cnf -gencrl -crl_lastupdate 20200101000000Z -crl_nextupdate 20200201000000Z -out stale.crl
openssl ca -config other.cnf -gencrl -out other.crl
