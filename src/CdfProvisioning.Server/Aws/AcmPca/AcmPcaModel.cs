using CdfProvisioning.Iot.Model;

namespace CdfProvisioning.Server.Aws.AcmPca;

/// <summary>What AWS Private CA's requests can contain (AWS Private CA API Reference; botocore 1.43, acm-pca).</summary>
internal static class AcmPcaModel
{
    public static readonly ServiceModel Instance = new("""
        CreateCertificateAuthority structure CertificateAuthorityConfiguration!=CertificateAuthorityConfiguration RevocationConfiguration=RevocationConfiguration CertificateAuthorityType!=CertificateAuthorityType IdempotencyToken=IdempotencyToken KeyStorageSecurityStandard=KeyStorageSecurityStandard Tags=TagList UsageMode=CertificateAuthorityUsageMode
        DescribeCertificateAuthority structure CertificateAuthorityArn!=Arn
        ListCertificateAuthorities structure MaxResults=MaxResults NextToken=NextToken ResourceOwner=ResourceOwner
        DeleteCertificateAuthority structure CertificateAuthorityArn!=Arn PermanentDeletionTimeInDays=PermanentDeletionTimeInDays
        GetCertificateAuthorityCertificate structure CertificateAuthorityArn!=Arn
        IssueCertificate structure ApiPassthrough=ApiPassthrough CertificateAuthorityArn!=Arn Csr!=CsrBlob SigningAlgorithm!=SigningAlgorithm TemplateArn=Arn Validity!=Validity ValidityNotBefore=Validity IdempotencyToken=IdempotencyToken
        GetCertificate structure CertificateAuthorityArn!=Arn CertificateArn!=Arn
        TagCertificateAuthority structure CertificateAuthorityArn!=Arn Tags!=TagList
        UntagCertificateAuthority structure CertificateAuthorityArn!=Arn Tags!=TagList
        ListTags structure MaxResults=MaxResults NextToken=NextToken CertificateAuthorityArn!=Arn

        ASN1PrintableString64 text 0..64 [a-zA-Z0-9'()+-.?:/= ]*
        ASN1Subject structure Country=CountryCodeString Organization=String64 OrganizationalUnit=String64 DistinguishedNameQualifier=ASN1PrintableString64 State=String128 CommonName=String64 SerialNumber=ASN1PrintableString64 Locality=String128 Title=String64 Surname=String40 GivenName=String16 Initials=String5 Pseudonym=String128 GenerationQualifier=String3 CustomAttributes=CustomAttributeList
        AccessDescription structure AccessMethod!=AccessMethod AccessLocation!=GeneralName
        AccessDescriptionList list AccessDescription
        AccessMethod structure CustomObjectIdentifier=CustomObjectIdentifier AccessMethodType=AccessMethodType
        AccessMethodType enum CA_REPOSITORY RESOURCE_PKI_MANIFEST RESOURCE_PKI_NOTIFY
        ApiPassthrough structure Extensions=Extensions Subject=ASN1Subject
        Arn text 5..200 arn:[\w+=/,.@-]+:acm-pca:[\w+=/,.@-]*:[0-9]*:[\w+=,.@-]+(/[\w+=,.@-]+)*
        Base64String1To4096 text 1..4096 (?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?
        CertificateAuthorityConfiguration structure KeyAlgorithm!=KeyAlgorithm SigningAlgorithm!=SigningAlgorithm Subject!=ASN1Subject CsrExtensions=CsrExtensions
        CertificateAuthorityType enum ROOT SUBORDINATE
        CertificateAuthorityUsageMode enum GENERAL_PURPOSE SHORT_LIVED_CERTIFICATE
        CertificatePolicyList list PolicyInformation 1..20
        CnameString text 0..253 [-a-zA-Z0-9;/?:@&=+$,%_.!~*()']*
        CountryCodeString text 2..2 [A-Za-z]{2}
        CrlConfiguration structure Enabled! ExpirationInDays=Integer1To5000 CustomCname=CnameString S3BucketName=S3BucketName3To255 S3ObjectAcl=S3ObjectAcl CrlDistributionPointExtensionConfiguration=CrlDistributionPointExtensionConfiguration CrlType=CrlType CustomPath=CrlPathString
        CrlDistributionPointExtensionConfiguration structure OmitExtension!
        CrlPathString text 0..253 [-a-zA-Z0-9;?:@&=+$,%_.!~*()']+(/[-a-zA-Z0-9;?:@&=+$,%_.!~*()']+)*
        CrlType enum COMPLETE PARTITIONED
        CsrBlob blob 1..32768
        CsrExtensions structure SubjectInformationAccess=AccessDescriptionList
        CustomAttribute structure ObjectIdentifier!=CustomObjectIdentifier Value!=String1To256
        CustomAttributeList list CustomAttribute 1..150
        CustomExtension structure ObjectIdentifier!=CustomObjectIdentifier Value!=Base64String1To4096
        CustomExtensionList list CustomExtension 1..150
        CustomObjectIdentifier text 0..64 ([0-2])\.([0-9]|([0-3][0-9]))((\.([0-9]+)){0,126})
        EdiPartyName structure PartyName!=String256 NameAssigner=String256
        ExtendedKeyUsage structure ExtendedKeyUsageType=ExtendedKeyUsageType ExtendedKeyUsageObjectIdentifier=CustomObjectIdentifier
        ExtendedKeyUsageList list ExtendedKeyUsage 1..20
        ExtendedKeyUsageType enum SERVER_AUTH CLIENT_AUTH CODE_SIGNING EMAIL_PROTECTION TIME_STAMPING OCSP_SIGNING SMART_CARD_LOGIN DOCUMENT_SIGNING CERTIFICATE_TRANSPARENCY
        Extensions structure CertificatePolicies=CertificatePolicyList ExtendedKeyUsage=ExtendedKeyUsageList SubjectAlternativeNames=GeneralNameList CustomExtensions=CustomExtensionList
        GeneralName structure OtherName=OtherName Rfc822Name=String256 DnsName=String253 DirectoryName=ASN1Subject EdiPartyName=EdiPartyName UniformResourceIdentifier=String253 IpAddress=String39 RegisteredId=CustomObjectIdentifier
        GeneralNameList list GeneralName 1..150
        IdempotencyToken text 1..36 [\u0009\u000A\u000D\u0020-\u00FF]*
        Integer1To5000 number 1..5000
        KeyAlgorithm enum RSA_2048 RSA_3072 RSA_4096 EC_prime256v1 EC_secp384r1 EC_secp521r1 ML_DSA_44 ML_DSA_65 ML_DSA_87 SM2
        KeyStorageSecurityStandard enum FIPS_140_2_LEVEL_2_OR_HIGHER FIPS_140_2_LEVEL_3_OR_HIGHER CCPC_LEVEL_1_OR_HIGHER
        MaxResults number 1..1000
        NextToken text 1..43739
        OcspConfiguration structure Enabled! OcspCustomCname=CnameString
        OtherName structure TypeId!=CustomObjectIdentifier Value!=String256
        PermanentDeletionTimeInDays number 7..30
        PolicyInformation structure CertPolicyId!=CustomObjectIdentifier PolicyQualifiers=PolicyQualifierInfoList
        PolicyQualifierId enum CPS
        PolicyQualifierInfo structure PolicyQualifierId!=PolicyQualifierId Qualifier!=Qualifier
        PolicyQualifierInfoList list PolicyQualifierInfo 1..20
        PositiveLong number 1..
        Qualifier structure CpsUri!=String256
        ResourceOwner enum SELF OTHER_ACCOUNTS
        RevocationConfiguration structure CrlConfiguration=CrlConfiguration OcspConfiguration=OcspConfiguration
        S3BucketName3To255 text 3..255 [-a-zA-Z0-9._/]+
        S3ObjectAcl enum PUBLIC_READ BUCKET_OWNER_FULL_CONTROL
        SigningAlgorithm enum SHA256WITHECDSA SHA384WITHECDSA SHA512WITHECDSA SHA256WITHRSA SHA384WITHRSA SHA512WITHRSA SM3WITHSM2 ML_DSA_44 ML_DSA_65 ML_DSA_87
        String128 text 0..128
        String16 text 0..16
        String1To256 text 1..256
        String253 text 0..253
        String256 text 0..256
        String3 text 0..3
        String39 text 0..39
        String40 text 0..40
        String5 text 0..5
        String64 text 0..64
        Tag structure Key!=TagKey Value=TagValue
        TagKey text 1..128 ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)
        TagList list Tag 1..50
        TagValue text 0..256 ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)
        Validity structure Value!=PositiveLong Type!=ValidityPeriodType
        ValidityPeriodType enum END_DATE ABSOLUTE DAYS MONTHS YEARS
        """);
}
