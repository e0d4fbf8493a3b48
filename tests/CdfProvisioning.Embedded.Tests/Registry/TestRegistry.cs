using CdfProvisioning.Certificates;
using CdfProvisioning.Embedded;
using CdfProvisioning.Embedded.Registry;
using CdfProvisioning.Iot;
using CdfProvisioning.Storage.Sqlite;
using Xunit;

namespace CdfProvisioning.Tests.Registry;

/// <summary>An embedded registry in a folder of its own.</summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    public const string Arn = "arn:aws:iot:us-east-1:123456789012";
    public const string PolicyDocument = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:*","Resource":"*"}]}""";

    private readonly TemporaryFolder _folder = new();
    private readonly Connection _connection;

    private TestRegistry(TemporaryFolder folder, Connection connection)
    {
        _folder = folder;
        _connection = connection;
    }

    public IDeviceRegistry Registry => _connection.Registry;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<TestRegistry> OpenAsync(RegistrySettings? settings = null)
    {
        var folder = new TemporaryFolder();
        return new(folder, await OpenAsync(folder.Path, settings));
    }

    /// <summary>The same folder, as another process has it open.</summary>
    public async Task<Connection> OpenAgainAsync() => await OpenAsync(_folder.Path, settings: null);

    /// <summary>The registry's file itself.</summary>
    public async Task<Database> OpenFileAsync() =>
        await Database.OpenAsync(Path.Combine(_folder.Path, "us-east-1", "registry.db"), RegistrySchema.OfItsFile, Cancellation);

    public async Task<T> InvokeAsync<T>(IIotRequest<T> request) => await Registry.InvokeAsync(request, Cancellation);

    public async Task InvokeAllAsync<T>(params IEnumerable<IIotRequest<T>> requests)
    {
        foreach (var request in requests)
            await InvokeAsync(request);
    }

    /// <summary>Invokes what must be refused, with an error type of AWS's.</summary>
    public async Task<CdfException> RefusedAsync<T>(string errorType, IIotRequest<T> request)
    {
        var error = await Assert.ThrowsAsync<CdfException>(async () => await InvokeAsync(request));
        Assert.Equal(errorType, error.ErrorTypeName);
        return error;
    }

    public async Task<string> CreateCertificateAsync(bool active = false) =>
        (await InvokeAsync(new CreateKeysAndCertificateRequest(active))).CertificateArn!;

    /// <summary>Registers a CA, active, and returns what signs for it.</summary>
    public async Task<CertificateSigner> RegisterCaAsync(string commonName = "Test CA", bool active = true)
    {
        var ca = Make.Ca(commonName);
        await InvokeAsync(await RegistrationOfAsync(ca, active));
        return ca;
    }

    public async Task<RegisterCACertificateRequest> RegistrationOfAsync(CertificateSigner ca, bool active = true)
    {
        var code = (await InvokeAsync(new GetRegistrationCodeRequest())).RegistrationCode!;
        return new(ca.Certificate.Pem, CertificateAuthorities.IssueVerification(ca, code).Pem, active);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<Connection> OpenAsync(string folder, RegistrySettings? settings) =>
        await EmbeddedBackend.OpenAsync(new(folder, Settings: settings ?? new() { KeyAlgorithm = CdfProvisioning.Certificates.KeyAlgorithm.P256 }), Cancellation);
}
