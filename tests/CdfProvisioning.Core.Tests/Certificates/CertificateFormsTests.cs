using System.Formats.Asn1;
using System.Security.Cryptography;
using CdfProvisioning.Certificates;
using Xunit;

namespace CdfProvisioning.Tests.Certificates;

/// <summary>Forms of certificates and names that openssl does not make, but that devices of other makers have.</summary>
public sealed class CertificateFormsTests
{
    private static readonly Asn1Tag Version = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 3, isConstructed: true);

    [Fact]
    public void A_certificate_of_version_1_says_no_version_and_is_no_CAs()
    {
        var certificate = Read(version: null);

        Assert.Equal(("CN=device", "CN=issuer"), (certificate.Subject.ToString(), certificate.Issuer.ToString()));
        Assert.False(certificate.IsCertificateAuthority);
        Assert.Null(certificate.SubjectKeyIdentifier);
        Assert.Null(certificate.AuthorityKeyIdentifier);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(-1, false)]
    public void There_are_three_versions(int version, bool exists)
    {
        if (exists)
            Read(version);
        else
            Refused("version", version);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1, 2)]
    public void Unique_identifiers_are_passed_over(params int[] numbers) => Assert.Equal("CN=device", Read(version: 1, numbers).Subject.ToString());

    [Fact]
    public void Extensions_belong_to_version_3_only()
    {
        Assert.True(Read(version: 2, extensions: BasicConstraints).IsCertificateAuthority);
        Refused("", version: 1, extensions: BasicConstraints);
        Refused("", version: null, extensions: BasicConstraints);
    }

    [Fact]
    public void Basic_constraints_without_a_word_are_no_CAs() =>
        Assert.False(Read(version: 2, extensions: writer => Extension(writer, Oids.BasicConstraints, value => value.PushSequence().Dispose())).IsCertificateAuthority);

    [Fact]
    public void An_authority_key_may_be_named_by_its_certificate() =>
        Assert.Null(Read(version: 2, extensions: writer => Extension(writer, Oids.AuthorityKeyIdentifier, value =>
        {
            using (value.PushSequence())
                value.WriteInteger(7, new Asn1Tag(TagClass.ContextSpecific, 2));
        })).AuthorityKeyIdentifier);

    [Fact]
    public void A_certificate_that_names_two_signature_algorithms_is_refused() => Refused("two different signature algorithms", version: 2, inner: Oids.EcdsaSha384);

    [Theory]
    [InlineData("-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20", "a salt of 20 bytes and not the hash's 32")]
    [InlineData("-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha384", "mask is not MGF1 with the hash")]
    [InlineData("-sha1 -sigopt rsa_padding_mode:pss", "RSA-PSS with hash SHA-1")]
    public void A_PSS_signature_that_AWS_does_not_accept_is_refused_with_the_reason(string signedWith, string reason)
    {
        using var openssl = new OpenSsl();
        openssl.MakeCa("rsa:2048 " + signedWith);
        var ca = ParsedCertificate.FromPem(openssl.Read("ca.pem"), "The CA");

        Assert.Contains(reason, Assert.Throws<CdfException>(() => ca.IsSignedBy(ca)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_shown_most_specific_first_with_quotes_where_it_needs_them()
    {
        Assert.Equal(
            "serialNumber=7 + CN=\"a, \\\"b\\\"\", DC=example, OU=\" x \", 1.2.3=#040101",
            X509Name.Read(NameOf(
                [("1.2.3", UniversalTagNumber.OctetString, "")],
                [(Oids.OrganizationalUnit, UniversalTagNumber.UTF8String, " x ")],
                [("0.9.2342.19200300.100.1.25", UniversalTagNumber.IA5String, "example")],
                [(Oids.CommonName, UniversalTagNumber.UTF8String, "a, \"b\""), ("2.5.4.5", UniversalTagNumber.PrintableString, "7")])).ToString());
    }

    [Theory]
    [InlineData((int)UniversalTagNumber.UTF8String)]
    [InlineData((int)UniversalTagNumber.BMPString)]
    public void A_name_is_read_in_the_encodings_of_old_and_new(int type) =>
        Assert.Equal("Zürich", X509Name.Read(NameOf([(Oids.CommonName, (UniversalTagNumber)type, "Zürich")])).CommonName);

    [Fact]
    public void Of_several_attributes_of_a_type_the_most_specific_counts()
    {
        var name = X509Name.Read(NameOf(
            [(Oids.OrganizationalUnit, UniversalTagNumber.UTF8String, "plant")], [(Oids.CommonName, UniversalTagNumber.UTF8String, "device")], [(Oids.OrganizationalUnit, UniversalTagNumber.UTF8String, "line")]));

        Assert.Equal("line", name.Find(Oids.OrganizationalUnit));
        Assert.Equal(["plant", "line"], name.FindAll(Oids.OrganizationalUnit));
        Assert.Null(name.Find(Oids.Country));
        Assert.Empty(name.FindAll(Oids.Country));
    }

    [Fact]
    public void Names_are_equal_that_are_written_alike()
    {
        X509Name one = Make.Name("device"), same = X509Name.Read(one.Der), other = Make.Name("another");

        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, other);
        Assert.NotEqual(one.GetHashCode(), other.GetHashCode());
        Assert.False(one.Equals((object)"CN=device"));
        Assert.False(one.Equals(null));
    }

    [Theory]
    [InlineData("Country", 2), InlineData("StateName", 128), InlineData("Locality", 128), InlineData("Organization", 64), InlineData("OrganizationalUnit", 64), InlineData("EmailAddress", 255)]
    public void Each_field_of_a_subject_has_its_own_limit(string field, int limit)
    {
        Assert.Contains(new string('x', limit), Of(limit).ToName().ToString(), StringComparison.Ordinal);
        Assert.Contains(field, Assert.Throws<CdfException>(() => Of(limit + 1).ToName()).Message, StringComparison.Ordinal);

        SubjectFields Of(int length)
        {
            var (value, fields) = (new string('x', length), new SubjectFields("device"));
            return field switch
            {
                "Country" => fields with { Country = value },
                "StateName" => fields with { StateName = value },
                "Locality" => fields with { Locality = value },
                "Organization" => fields with { Organization = value },
                "OrganizationalUnit" => fields with { OrganizationalUnit = value },
                _ => fields with { EmailAddress = value },
            };
        }
    }

    [Fact]
    public void An_authority_key_may_be_not_named_at_all() =>
        Assert.Null(Read(version: 2, extensions: writer => Extension(writer, Oids.AuthorityKeyIdentifier, value => value.PushSequence().Dispose())).AuthorityKeyIdentifier);

    [Theory]
    [InlineData("version")]
    [InlineData("validity")]
    [InlineData("extension")]
    [InlineData("extensions")]
    [InlineData("content")]
    [InlineData("certificate")]
    public void What_has_more_in_it_than_it_may_have_is_refused(string at) =>
        Assert.Contains("not a valid X.509 certificate", Assert.Throws<CdfException>(() => Read(version: 2, extensions: BasicConstraints, more: at)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_signature_is_a_whole_number_of_bytes() =>
        Assert.Contains("its signature is not a whole number of bytes", Assert.Throws<CdfException>(() => Read(version: 2, unusedBits: 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_public_key_is_whole_and_no_more()
    {
        var key = DeviceKey.CreateP256().SubjectPublicKeyInfo;
        Assert.Equal(KeyAlgorithm.P256, PublicKey.Read(key).Algorithm);
        Assert.Equal(KeyAlgorithm.P256, PublicKey.Read(KeyInfo()).Algorithm);
        Assert.ThrowsAny<AsnContentException>(() => PublicKey.Read((byte[])[.. key.Span, 0]));
        Assert.ThrowsAny<AsnContentException>(() => PublicKey.Read(KeyInfo(hasMore: true)));
        Assert.Contains("whole number of bytes", Assert.ThrowsAny<AsnContentException>(() => PublicKey.Read(KeyInfo(unusedBits: 4))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_a_curve_that_has_no_name_is_of_no_algorithm_of_AWSs()
    {
        Assert.Equal(KeyAlgorithm.Unsupported, PublicKey.Read(KeyInfo(curve: _ => { })).Algorithm);
        Assert.Equal(KeyAlgorithm.Unsupported, PublicKey.Read(KeyInfo(curve: writer => writer.PushSequence().Dispose())).Algorithm);
    }

    [Fact]
    public void The_damaged_key_of_an_issuer_is_said_to_be_damaged()
    {
        var damaged = DeviceKey.CreateP256().SubjectPublicKeyInfo.ToArray();
        damaged[^1] ^= 1;
        var issuer = Read(version: 2, publicKey: damaged);

        Assert.Contains(
            "The public key of the CA certificate 'CN=device' is damaged",
            Assert.Throws<CdfException>(() => Make.Reread(Make.Device(Make.Ca())).IsSignedBy(issuer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_CA_issues_names_its_key_as_the_CA_itself_does()
    {
        var key = DeviceKey.CreateP256();
        var ca = Read(version: 2, publicKey: key.SubjectPublicKeyInfo.ToArray(), extensions: writer =>
        {
            BasicConstraints(writer);
            Extension(writer, Oids.SubjectKeyIdentifier, value => value.WriteOctetString([1, 2, 3]));
        });

        Assert.Equal([1, 2, 3], Make.Device(CertificateSigner.Load(ca.Pem, key.PrivateKeyPem, password: null)).AuthorityKeyIdentifier!);
    }

    [Fact]
    public void An_algorithm_with_more_than_its_parameters_is_refused()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Oids.RsaSha256);
            writer.WriteNull();
            writer.WriteNull();
        }

        Assert.ThrowsAny<AsnContentException>(() => SignatureAlgorithm.Read(writer.Encode()));
    }

    [Theory]
    [InlineData(0, false, "its signature does not verify")]
    [InlineData(1, false, "its version is not 1")]
    [InlineData(0, true, "not a PKCS#10 request")]
    public void A_CSR_has_one_version_and_nothing_behind_its_attributes(int version, bool hasMore, string reason)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteInteger(version);
                writer.WriteEncodedValue(X509Name.Encode((Oids.CommonName, "device")).Der.Span);
                writer.WriteEncodedValue(DeviceKey.CreateP256().SubjectPublicKeyInfo.Span);
                writer.PushSetOf(Version).Dispose();
                if (hasMore)
                    writer.WriteNull();
            }
            WriteAlgorithm(writer, Oids.EcdsaSha256);
            writer.WriteBitString([0]);
        }

        Assert.Contains(
            reason, Assert.Throws<CdfException>(() => SigningRequest.Parse(PemEncoding.WriteString("CERTIFICATE REQUEST", writer.Encode()))).Message, StringComparison.Ordinal);
    }

    private static void BasicConstraints(AsnWriter writer) => Extension(writer, Oids.BasicConstraints, value =>
    {
        using (value.PushSequence())
            value.WriteBoolean(true);
    });

    private static void Extension(AsnWriter writer, string oid, Action<AsnWriter> write, bool hasMore = false)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            using (writer.PushOctetString())
                write(writer);
            if (hasMore)
                writer.WriteNull();
        }
    }

    private static void Refused(string reason, int? version, Action<AsnWriter>? extensions = null, string inner = Oids.EcdsaSha256) =>
        Assert.Contains(reason, Assert.Throws<CdfException>(() => Read(version, [], extensions, inner)).Message, StringComparison.Ordinal);

    /// <summary>A certificate as the parameters say; <paramref name="more"/> names what has one more value in it than it may have.</summary>
    private static ParsedCertificate Read(
        int? version, int[]? uniqueIdentifiers = null, Action<AsnWriter>? extensions = null, string inner = Oids.EcdsaSha256, byte[]? publicKey = null, string? more = null, int unusedBits = 0)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                if (version is { } number)
                    using (writer.PushSequence(Version))
                    {
                        writer.WriteInteger(number);
                        More("version");
                    }
                writer.WriteInteger(1);
                WriteAlgorithm(writer, inner);
                writer.WriteEncodedValue(X509Name.Encode((Oids.CommonName, "issuer")).Der.Span);
                using (writer.PushSequence())
                {
                    writer.WriteUtcTime(Make.Now);
                    writer.WriteUtcTime(Make.Now.AddDays(1));
                    More("validity");
                }
                writer.WriteEncodedValue(X509Name.Encode((Oids.CommonName, "device")).Der.Span);
                writer.WriteEncodedValue(publicKey ?? DeviceKey.CreateP256().SubjectPublicKeyInfo.Span);
                foreach (var identifier in uniqueIdentifiers ?? [])
                    writer.WriteBitString([7], 0, new Asn1Tag(TagClass.ContextSpecific, identifier));
                if (extensions is not null)
                    using (writer.PushSequence(Extensions))
                    {
                        using (writer.PushSequence())
                        {
                            extensions(writer);
                            if (more == "extension")
                                Extension(writer, "1.2.3", value => value.WriteNull(), hasMore: true);
                        }
                        More("extensions");
                    }
                More("content");
            }
            WriteAlgorithm(writer, Oids.EcdsaSha256);
            writer.WriteBitString([0], unusedBits);
            More("certificate");
        }
        return ParsedCertificate.FromDer(writer.Encode(), "The certificate");

        void More(string here)
        {
            if (more == here)
                writer.WriteNull();
        }
    }

    private static byte[] KeyInfo(int unusedBits = 0, bool hasMore = false, Action<AsnWriter>? curve = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Oids.EcPublicKey);
                if (curve is null)
                    writer.WriteObjectIdentifier(Oids.P256);
                else
                    curve(writer);
            }
            writer.WriteBitString([4, 0x10], unusedBits);
            if (hasMore)
                writer.WriteNull();
        }
        return writer.Encode();
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
            writer.WriteObjectIdentifier(oid);
    }

    private static byte[] NameOf(params (string Oid, UniversalTagNumber Type, string Value)[][] name)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
            foreach (var rdn in name)
                using (writer.PushSetOf())
                    foreach (var (oid, type, value) in rdn)
                        using (writer.PushSequence())
                        {
                            writer.WriteObjectIdentifier(oid);
                            if (type == UniversalTagNumber.OctetString)
                                writer.WriteOctetString([1]);
                            else
                                writer.WriteCharacterString(type, value);
                        }
        return writer.Encode();
    }
}
