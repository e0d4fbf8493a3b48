using System.Security;
using CdfProvisioning.Iot;

namespace CdfProvisioning.Certificates;

/// <summary>Certificate authorities: their certificates are registered with AWS IoT, their keys, or the URIs of these, are in the key store.</summary>
internal sealed class CertificateAuthorityService(
    IDeviceRegistry registry, ICaKeyStore keys, RemoteKeys remoteKeys, SignerCache signers, IPrivateCertificateAuthority privateCas)
{
    /// <summary>Makes a CA and registers it, active.</summary>
    public ValueTask<CertificateAuthority> CreateAsync(
        SubjectFields subject, TimeSpan validity, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? tags = null,
        KeyAlgorithm algorithm = KeyAlgorithm.P256, int rsaBits = 2048)
    {
        var (certificate, key) = CertificateAuthorities.CreateRoot(subject.ToName(), validity, algorithm, rsaBits);
        return ImportAsync(certificate.Pem, key.PrivateKeyPem, password: null, cancellationToken, tags);
    }

    /// <summary>Makes a CA with a key that is elsewhere and registers it, active.</summary>
    /// <param name="subject">Its name; without a common name, what the key is called where it is.</param>
    /// <param name="validity">For how long.</param>
    /// <param name="keyUri">Where the key is.</param>
    /// <param name="pin">What opens it, if that is not found as the URI says.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="tags">Of the CA.</param>
    public async ValueTask<CertificateAuthority> CreateAsync(
        SubjectFields subject, TimeSpan validity, string keyUri, SecureString? pin, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? tags = null)
    {
        var key = await remoteKeys.OpenAsync(keyUri, pin, cancellationToken);
        var name = (subject.CommonName is null ? subject with { CommonName = key.Name } : subject).ToName();
        var signer = await SignAsync(() => CertificateSigner.Load(CertificateAuthorities.CreateRoot(name, validity, key).Pem, key), cancellationToken);
        return await RegisterAsync(signer, tags, cancellationToken);
    }

    /// <summary>Registers, active, a CA that exists already.</summary>
    public ValueTask<CertificateAuthority> ImportAsync(
        string certificatePem, string privateKeyPem, string? password, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? tags = null) =>
        RegisterAsync(CertificateSigner.Load(certificatePem, privateKeyPem, password), tags, cancellationToken);

    /// <summary>Registers, active, a CA that exists already, with a key that is elsewhere.</summary>
    public async ValueTask<CertificateAuthority> ImportAsync(
        string certificatePem, string keyUri, SecureString? pin, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? tags = null)
    {
        var key = await remoteKeys.OpenAsync(keyUri, pin, cancellationToken);
        return await RegisterAsync(await SignAsync(() => CertificateSigner.Load(certificatePem, key), cancellationToken), tags, cancellationToken);
    }

    /// <summary>Registers, active, a CA whose key is elsewhere and that therefore cannot prove itself: in SNI_ONLY mode.</summary>
    public async ValueTask<CertificateAuthority> RegisterAsync(
        string certificatePem, CancellationToken cancellationToken, IReadOnlyDictionary<string, string>? tags = null)
    {
        var registered = await registry.InvokeAsync(
            new RegisterCACertificateRequest(certificatePem, SetAsActive: true, Tags: tags.ToTags(), CertificateMode: "SNI_ONLY"), cancellationToken);
        return await GetAsync(registered.CertificateId!, cancellationToken);
    }

    /// <exception cref="CdfException">NotFound.</exception>
    public async ValueTask<CertificateAuthority> GetAsync(string caId, CancellationToken cancellationToken)
    {
        var described = await registry.InvokeAsync(new DescribeCACertificateRequest(caId), cancellationToken);
        var ca = described.CertificateDescription!;
        var certificate = ParsedCertificate.FromPem(ca.CertificatePem!, $"CA certificate {caId}");
        var key = await keys.FindAsync(caId, cancellationToken);
        return new CertificateAuthority
        {
            CaId = caId,
            Arn = ca.CertificateArn,
            PrivateCaArn = key is not null ? privateCas.ArnOf(caId) : null,
            Status = ca.Status,
            AutoRegistration = ca.AutoRegistrationStatus == "ENABLE",
            ProvisioningTemplateName = described.RegistrationConfig?.TemplateName,
            TemplateBody = described.RegistrationConfig?.TemplateBody,
            Subject = certificate.Subject.ToString(),
            NotAfter = certificate.NotAfter,
            HasPrivateKey = key is not null,
            KeyUri = key is not null && RemoteKeys.IsUri(key) ? key : null,
            CertificatePem = ca.CertificatePem,
            Tags = await registry.TagsAsync(ca.CertificateArn, cancellationToken),
        };
    }

    public async IAsyncEnumerable<CertificateAuthority> ListAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var ca in registry.CaCertificatesAsync(cancellationToken))
            yield return await GetAsync(ca.CertificateId!, cancellationToken);
    }

    /// <exception cref="CdfException">NotFound; InvalidRequest: the template is none.</exception>
    public async ValueTask UpdateAsync(string caId, CertificateAuthorityUpdate update, CancellationToken cancellationToken)
    {
        var config = update.TemplateBody is null && update.TemplateName is null ? null : new RegistrationConfig(update.TemplateBody, update.RoleArn, update.TemplateName);
        await registry.InvokeAsync(
            new UpdateCACertificateRequest(
                caId, update.Status, update.AutoRegistration switch { true => "ENABLE", false => "DISABLE", null => null }, config, update.RemovesTemplate ? true : null),
            cancellationToken);
    }

    /// <summary>Deactivates and deletes the CA, and its key. Certificates that it signed stay.</summary>
    /// <exception cref="CdfException">NotFound.</exception>
    public async ValueTask RemoveAsync(string caId, CancellationToken cancellationToken)
    {
        await registry.AsOneAsync(
            async r =>
            {
                await r.InvokeAsync(new UpdateCACertificateRequest(caId, CertificateStatus.Inactive), cancellationToken);
                return await r.InvokeAsync(new DeleteCACertificateRequest(caId), cancellationToken);
            },
            cancellationToken);
        await RemoveKeyAsync(caId, cancellationToken);
    }

    /// <summary>The private key of a CA as PEM or its URI, or null if it is not here.</summary>
    public ValueTask<string?> FindKeyAsync(string caId, CancellationToken cancellationToken) => keys.FindAsync(caId, cancellationToken);

    public async ValueTask PutKeyAsync(string caId, string key, CancellationToken cancellationToken)
    {
        await keys.PutAsync(caId, key, cancellationToken);
        signers.Forget(caId);
    }

    public async ValueTask RemoveKeyAsync(string caId, CancellationToken cancellationToken)
    {
        await keys.RemoveAsync(caId, cancellationToken);
        signers.Forget(caId);
    }

    /// <summary>A key that is elsewhere takes its time to sign: who waits can be interrupted.</summary>
    private static Task<T> SignAsync<T>(Func<T> sign, CancellationToken cancellationToken) => Task.Run(sign, cancellationToken).WaitAsync(cancellationToken);

    /// <summary>Registers a CA with the proof that its key is at hand. The key is in its place before the CA is there, and goes if it is not.</summary>
    private async ValueTask<CertificateAuthority> RegisterAsync(
        CertificateSigner signer, IReadOnlyDictionary<string, string>? tags, CancellationToken cancellationToken)
    {
        var code = await registry.InvokeAsync(new GetRegistrationCodeRequest(), cancellationToken);
        var verification = await SignAsync(() => CertificateAuthorities.IssueVerification(signer, code.RegistrationCode!), cancellationToken);
        var caId = signer.Certificate.Id;
        var request = new RegisterCACertificateRequest(signer.Certificate.Pem, verification.Pem, SetAsActive: true, Tags: tags.ToTags());
        if (await registry.FindAsync(new DescribeCACertificateRequest(caId), cancellationToken) is not null)
            await registry.InvokeAsync(request, cancellationToken); // says that it is registered already
        await PutKeyAsync(caId, signer.ExportKey(), cancellationToken);
        try
        {
            await registry.InvokeAsync(request, cancellationToken);
        }
        catch (CdfException e) when (registry is not ITransactionalRegistry && e.Code == CdfErrorCode.Unavailable)
        {
            await TakeBackAsync(caId, e);
            throw;
        }
        catch (Exception e) when (!MayBeThere(e))
        {
            await RemoveKeyAsync(caId, CancellationToken.None);
            throw;
        }

        return await GetAsync(caId, CancellationToken.None);
    }

    /// <summary>Whether the CA may be registered all the same: another was faster with it, whose key it is too; or nobody waited for the answer.</summary>
    private bool MayBeThere(Exception failure) =>
        failure is CdfException { ErrorType: var type } ? type == IotErrorType.ResourceAlreadyExists : failure is OperationCanceledException && registry is not ITransactionalRegistry;

    /// <summary>A CA whose registration had no answer does not stay, nor does its key.</summary>
    private async ValueTask TakeBackAsync(string caId, CdfException cause)
    {
        try
        {
            await RemoveAsync(caId, CancellationToken.None);
        }
        catch (CdfException e) when (e.Code == CdfErrorCode.NotFound)
        {
            await RemoveKeyAsync(caId, CancellationToken.None);
        }
        catch (CdfException e)
        {
            throw cause.ErrorType.Error(
                $"{cause.Message} Nor can it be taken back ({e.Message}): if CA {caId} is there, Remove-CdfCertificateAuthority removes it.", cause);
        }
    }
}

/// <summary>What is to change of a CA; null for what stays.</summary>
internal sealed record CertificateAuthorityUpdate(
    string? Status, bool? AutoRegistration, string? TemplateBody, string? TemplateName, string? RoleArn, bool RemovesTemplate);
